import type pg from 'pg';

import { pause } from '../pause.ts';
import { DEFAULTS } from '../settings.ts';
import type { SubmitOptions } from '../submissions/submit-job.ts';
import { fireDueSchedules, untilNextOccurrenceMs } from './fire-schedules.ts';

/** Which schedules are fired, and how often. */
export type SchedulerOptions = SubmitOptions & {
  pool: pg.Pool;
  /** The longest pause between two looks; what others make or change in the meantime is found by then. */
  pollIntervalMs?: number;
  /** A round failed; the next one tries again. */
  onError: (error: unknown) => void;
};

// What is due and was not fired is held by another scheduler at this moment.
const HELD_MS = 100;

/**
 * Occurrences schedules at their times. Every API and every worker does it: no leader is needed, since each occurrence is fired once
 * however many look.
 */
export function startScheduler(o: SchedulerOptions): AsyncDisposable {
  const stop = new AbortController();
  const pollMs = o.pollIntervalMs ?? DEFAULTS.scheduleIntervalMs;
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const waitMs = await fireAndLookAhead().catch((error: unknown) => {
        o.onError(error);
        return pollMs;
      });
      await pause(waitMs, stop.signal);
    }
  }

  async function fireAndLookAhead(): Promise<number> {
    await fireDueSchedules(o.pool, o);
    const nextMs = (await untilNextOccurrenceMs(o.pool)) ?? pollMs;
    return Math.min(pollMs, nextMs > 0 ? Math.ceil(nextMs) : HELD_MS);
  }
}
