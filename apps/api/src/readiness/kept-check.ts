/**
 * Makes a check that runs at most once in a while: in between it gives the last outcome, and those who ask while it runs
 * wait for the same one. A check that does not end in time has failed.
 */
export function keepCheck(
  check: () => Promise<unknown>,
  o: { keepMs: number; timeoutMs: number },
): () => Promise<boolean> {
  let outcome: Promise<boolean> | null = null;
  let isRunning = false;
  let keptUntil = 0;
  return () => {
    if (!outcome || (!isRunning && performance.now() >= keptUntil)) {
      keptUntil = performance.now() + o.keepMs;
      isRunning = true;
      outcome = passes(check, o.timeoutMs).finally(() => {
        isRunning = false;
      });
    }
    return outcome;
  };
}

/** Whether a check resolves in time with anything but false. */
async function passes(check: () => Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  const inTime = check().then(
    (value) => value !== false,
    () => false,
  );
  try {
    return await Promise.race([inTime, late]);
  } finally {
    clearTimeout(timer);
  }
}
