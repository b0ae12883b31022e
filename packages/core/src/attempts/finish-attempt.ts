import type { JsonObject } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { toJsonb, toText } from '../db/to-jsonb.ts';
import { LeaseLostError } from '../errors.ts';
import type { AttemptRef } from './heartbeat.ts';

/** What the browser of an attempt cost; for `job_execution_metrics`. */
export type BrowserMetrics = { launchMs?: number; peakMemoryBytes?: number };

/** What became of a failed attempt. */
export type FailOutcome = { outcome: 'retry'; retryAt: string } | { outcome: 'failed' };

/** An attempt that reached its end, with what its job's results say in short. */
export type Completion = AttemptRef & { summary: JsonObject | null; browser: BrowserMetrics };

/**
 * Completes attempts in one statement, each for itself.
 *
 * @returns those that no longer held their job, of which nothing was written
 */
export async function completeJobs(
  db: Db,
  completions: Completion[],
  o: { resultTtlMs: number },
): Promise<AttemptRef[]> {
  return runQuery<AttemptRef>(db, {
    name: 'complete-jobs',
    text: 'select lost_job_id as "jobId", lost_attempt as attempt from gantry.complete_jobs($1, $2)',
    values: [toJsonb(completions), o.resultTtlMs],
  });
}

/** Completes a job. @throws {LeaseLostError} */
export async function completeJob(db: Db, o: Completion & { resultTtlMs: number }): Promise<void> {
  const { jobId, attempt, summary, browser } = o;
  const lost = await completeJobs(db, [{ jobId, attempt, summary, browser }], o);
  if (lost.length > 0) throw new LeaseLostError();
}

/**
 * Ends an attempt with an error: the job is retried after a back-off that doubles each time, or has failed when the
 * error is permanent or no attempt is left.
 *
 * @throws {LeaseLostError}
 */
export async function failJob(
  db: Db,
  o: AttemptRef & {
    error: { code: string; message: string };
    isPermanent: boolean;
    backoffMs: number;
    maxBackoffMs: number;
    resultTtlMs: number;
    browser: BrowserMetrics;
  },
): Promise<FailOutcome> {
  const row = await runForOne<{ retry_at: Date | null }>(db, {
    text: 'select retry_at from gantry.fail_job($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [
      o.jobId,
      o.attempt,
      toText(o.error.code),
      toText(o.error.message),
      o.isPermanent,
      o.backoffMs,
      o.maxBackoffMs,
      o.resultTtlMs,
      toJsonb(o.browser),
    ],
  });
  return row.retry_at ? { outcome: 'retry', retryAt: row.retry_at.toISOString() } : { outcome: 'failed' };
}

/** Gives a job back unfinished; the attempt does not count. @throws {LeaseLostError} */
export async function releaseJob(db: Db, o: AttemptRef & { browser: BrowserMetrics }): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.release_job($1, $2, $3)',
    values: [o.jobId, o.attempt, toJsonb(o.browser)],
  });
}

/** Says that the browser of a cancelled or lost attempt is gone, so that its slot may serve another. */
export async function freeSlot(db: Db, o: AttemptRef): Promise<void> {
  await runQuery(db, { text: 'select gantry.free_slot($1, $2)', values: [o.jobId, o.attempt] });
}
