/**
 * Makes a check that runs at most once in a while: in between it gives the last outcome, and those who ask while it runs
 * wait for the same one. A check that does not end in time has failed.
 */
export function keepCheck(
  check: () => Promise<unknown>,
  o: { keepMs: number; timeoutMs: number },
): () => Promise<boolean> {
  let outcome: Promise<boolean> | null = null;
  let runsUntil = 0;
  return () => {
    if (!outcome || performance.now() >= runsUntil) {
      runsUntil = performance.now() + o.keepMs;
      outcome = passes(check, o.timeoutMs);
    }
    return outcome;
  };
}

/** Whether a check resolves in time with anything but false. */
export async function passes(check: () => Promise<unknown>, timeoutMs: number): Promise<boolean> {
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
