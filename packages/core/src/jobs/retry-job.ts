import type { Selection, StatusReason } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import type { JobFilter } from './job-filter.ts';
import { changeSelected, selectJobs } from './select-jobs.ts';

/** Who retries. */
export type RetryReason = Extract<StatusReason['code'], `retried_by_${string}`>;

/** Selects the jobs of a filter that failed. @throws {GantryError} VALUE_INVALID */
export function selectFailed(db: Db, filter: JobFilter): Promise<Selection> {
  return selectJobs(db, filter, ['failed']);
}

/**
 * Retries the failed jobs of a selection, oldest first. What waits for a job that is not retried stays failed.
 *
 * @returns how many were retried
 * @throws {GantryError} SELECTION_INVALID
 */
export function retryJobs(
  db: Db,
  o: { filter: JobFilter & { selection: string }; reason: RetryReason },
): Promise<number> {
  return changeSelected(db, o.filter, ['failed'], async (jobIds) => {
    const { count } = await runForOne<{ count: number }>(db, {
      text: 'select gantry.retry_jobs($1, $2) as count',
      values: [jobIds, o.reason],
    });
    return count;
  });
}

/**
 * Puts a failed job back in the queue with all its attempts. Rows that have an answer keep it.
 *
 * @throws {GantryError} JOB_NOT_FOUND, JOB_NOT_RETRYABLE, DEPENDENCY_UNMET
 */
export async function retryJob(db: Db, o: { jobId: string; reason: RetryReason }): Promise<void> {
  await runQuery(db, { text: 'select gantry.retry_job($1, $2)', values: [o.jobId, o.reason] });
}
