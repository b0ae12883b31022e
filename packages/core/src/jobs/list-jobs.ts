import type { JobPage } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';
import { type JobRow, SELECT_JOB, toJob } from './job-columns.ts';
import { readCursor, writeCursor } from './job-cursor.ts';
import { filterValues, type JobFilter, MATCHES_FILTER } from './job-filter.ts';

/** Lists the jobs that the reader may see, newest first. @throws {GantryError} CURSOR_INVALID, VALUE_INVALID */
export async function listJobs(
  db: Db,
  o: JobFilter & { limit: number; cursor?: string | undefined },
): Promise<JobPage> {
  const before = o.cursor === undefined ? null : readCursor(o.cursor, o);
  if (before === null && o.cursor !== undefined) {
    throw new GantryError('CURSOR_INVALID');
  }
  const rows = await runQuery<JobRow>(db, {
    text: `${SELECT_JOB}
      where ${MATCHES_FILTER} and ($8::bigint is null or j.seq < $8)
      order by j.seq desc limit $9`,
    values: [...filterValues(o), before, o.limit + 1],
  });
  const page = rows.slice(0, o.limit);
  const last = page.at(-1);
  return {
    jobs: page.map(toJob),
    nextCursor: rows.length > o.limit && last ? writeCursor(last.seq, o) : null,
  };
}
