import type { JobStatus, Selection, StatusReason } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { DEFAULTS } from '../settings.ts';
import type { JobFilter } from './job-filter.ts';
import { changeSelected, selectJobs } from './select-jobs.ts';

/** Who cancels. */
export type CancelReason = Extract<StatusReason['code'], `cancelled_by_${string}`>;

const UNFINISHED: JobStatus[] = ['pending', 'processing'];

/** Selects the jobs of a filter that can be cancelled. @throws {GantryError} VALUE_INVALID */
export function selectCancellable(db: Db, filter: JobFilter): Promise<Selection> {
  return selectJobs(db, filter, UNFINISHED);
}

/**
 * Cancels a pending or running job; a cancelled one stays as it is. A running attempt loses its lease at once.
 *
 * @throws {GantryError} JOB_NOT_FOUND, JOB_ALREADY_FINISHED
 */
export async function cancelJob(
  db: Db,
  o: { jobId: string; reason: CancelReason; resultTtlMs?: number },
): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.cancel_job($1, $2, $3)',
    values: [o.jobId, o.reason, o.resultTtlMs ?? DEFAULTS.resultTtlMs],
  });
}

/**
 * Cancels the pending and running jobs of a selection. Those that finish meanwhile stay as they are.
 *
 * @returns how many were cancelled; those that ended because of one of them do not count
 * @throws {GantryError} SELECTION_INVALID
 */
export function cancelJobs(
  db: Db,
  o: { filter: JobFilter & { selection: string }; reason: CancelReason; resultTtlMs?: number },
): Promise<number> {
  return changeSelected(db, o.filter, UNFINISHED, async (jobIds) => {
    const { count } = await runForOne<{ count: number }>(db, {
      text: 'select gantry.cancel_jobs($1, $2, $3) as count',
      values: [jobIds, o.reason, o.resultTtlMs ?? DEFAULTS.resultTtlMs],
    });
    return count;
  });
}
