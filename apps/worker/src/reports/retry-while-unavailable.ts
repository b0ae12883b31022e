import { GantryError, pause } from '@gantry/core';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

/**
 * Does something that needs the database or the file storage, again and again while these do not answer: they come
 * back, or the lease ends and with it the reason to try.
 *
 * @param signal aborted when the lease is gone; the last error is thrown then
 */
export async function retryWhileUnavailable<T>(signal: AbortSignal, operation: () => Promise<T>): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await pause(pauseMs * (0.5 + Math.random()), signal);
      if (signal.aborted) throw error;
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
    }
  }
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof GantryError &&
    (error.code === 'DATABASE_UNAVAILABLE' || error.code === 'STORAGE_UNAVAILABLE')
  );
}
