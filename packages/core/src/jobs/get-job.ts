import type { Job } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import { type JobRow, SELECT_JOB, toJob } from './job-columns.ts';

/** Reads a job; null if there is none that the reader may see. */
export async function getJob(db: Db, jobId: string): Promise<Job | null> {
  const [row] = await runQuery<JobRow>(db, {
    name: 'get-job',
    text: `${SELECT_JOB} where j.id = $1`,
    values: [jobId],
  });
  return row ? toJob(row) : null;
}
