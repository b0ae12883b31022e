// Node's timers know no more; what lasted so long may well be begun anew.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A signal that is aborted with the first of some, or after a time. Unlike `AbortSignal.any` and `AbortSignal.timeout` it
 * leaves neither a listener nor a timer behind once it is disposed of: one of the signals lives as long as the process.
 */
export function anySignal(
  signals: (AbortSignal | undefined)[],
  afterMs: number,
): Disposable & { signal: AbortSignal } {
  const end = new AbortController();
  const onAbort = () => end.abort();
  const timer = setTimeout(onAbort, Math.min(Math.max(0, afterMs), MAX_TIMER_MS));
  for (const signal of signals) {
    if (signal?.aborted) end.abort();
    signal?.addEventListener('abort', onAbort);
  }
  return {
    signal: end.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    },
  };
}
