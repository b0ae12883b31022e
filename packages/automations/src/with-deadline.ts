import { TimeoutError } from 'puppeteer-core';

/** Waits for a result, but not for ever; what it is waiting for is left to itself then. @throws {TimeoutError} */
export async function withDeadline<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(`Not done after ${ms} ms.`)), ms);
  // The result of late work is ignored.
  work.catch(() => {});
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
