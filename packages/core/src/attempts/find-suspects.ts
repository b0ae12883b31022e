import { type Db, runQuery } from '../db/run-query.ts';

/**
 * Finds those of some jobs that may have killed a worker: they run beside no other job of the same worker. A first
 * attempt is never one.
 */
export async function findSuspects(db: Db, jobIds: string[]): Promise<string[]> {
  if (jobIds.length === 0) return [];
  const rows = await runQuery<{ id: string }>(db, {
    name: 'find-suspects',
    text: 'select id from public.automation_jobs where id = any ($1) and runs_alone',
    values: [jobIds],
  });
  return rows.map(({ id }) => id);
}
