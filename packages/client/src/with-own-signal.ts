/** Node's timers know no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs with a signal that is aborted with the caller's, or after a time with `timeoutError` (by default a `TimeoutError`), until this has settled. The
 * caller's may live as long as the program, and `fetch` listens to the signal that it is given until its request is collected;
 * `AbortSignal.timeout` keeps its timer to the end of its time.
 */
export async function withOwnSignal<T>(
  {
    signal,
    timeoutMs,
    timeoutError = () => new DOMException('The wait took too long.', 'TimeoutError'),
  }: {
    signal?: AbortSignal | null | undefined;
    timeoutMs?: number | undefined;
    timeoutError?: (() => Error) | undefined;
  },
  run: (own: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const onAbort = () => own.abort(signal?.reason);
  const onTimeout = () => own.abort(timeoutError());
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(onTimeout, Math.min(timeoutMs, MAX_TIMER_MS));
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await run(own.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
