import { type Db, runQuery } from '../db/run-query.ts';

/** Which of some jobs have events after a number, or are gone. One statement for all of them. */
export async function findMovedJobs(db: Db, jobs: { jobId: string; seq: number }[]): Promise<string[]> {
  const rows = await runQuery<{ id: string }>(db, {
    name: 'find-moved-jobs',
    text: `select w.id from unnest($1::uuid[], $2::integer[]) as w (id, seq)
      left join public.automation_jobs j on j.id = w.id
      where j.event_seq > w.seq or j.id is null`,
    values: [jobs.map(({ jobId }) => jobId), jobs.map(({ seq }) => seq)],
  });
  return rows.map(({ id }) => id);
}
