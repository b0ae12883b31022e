import type { JobStatus, Selection } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';
import { FROM_JOBS } from './job-columns.ts';
import { readCursor, writeCursor } from './job-cursor.ts';
import { filterValues, type JobFilter, MATCHES_FILTER } from './job-filter.ts';

const BATCH = 100;

/**
 * Counts the jobs of a filter in some states. What is submitted afterwards does not belong to the selection.
 *
 * @throws {GantryError} VALUE_INVALID
 */
export async function selectJobs(db: Db, filter: JobFilter, statuses: JobStatus[]): Promise<Selection> {
  const { count, last } = await runForOne<{ count: number; last: string }>(db, {
    text: `select count(*)::integer as count, coalesce(max(j.seq), 0) as last ${FROM_JOBS}
      where ${MATCHES_FILTER} and j.status = any ($8)`,
    values: [...filterValues(filter), statuses],
  });
  return { count, selection: writeCursor(last, filter) };
}

/**
 * Runs with the jobs of a selection that are still in these states, oldest first, a batch at a time.
 *
 * @returns the sum of what it returns
 * @throws {GantryError} SELECTION_INVALID when the selection is not one of this filter
 */
export async function changeSelected(
  db: Db,
  filter: JobFilter & { selection: string },
  statuses: JobStatus[],
  change: (jobIds: string[]) => Promise<number>,
): Promise<number> {
  const last = readCursor(filter.selection, filter);
  if (last === null) {
    throw new GantryError('SELECTION_INVALID');
  }
  let changed = 0;
  for (let after = '0'; ; ) {
    const jobs = await runQuery<{ id: string; seq: string }>(db, {
      text: `select j.id, j.seq ${FROM_JOBS}
        where ${MATCHES_FILTER} and j.status = any ($8) and j.seq > $9 and j.seq <= $10 order by j.seq limit $11`,
      values: [...filterValues(filter), statuses, after, last, BATCH],
    });
    const end = jobs.at(-1);
    if (!end) return changed;
    changed += await change(jobs.map((job) => job.id));
    after = end.seq;
  }
}
