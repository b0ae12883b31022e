import type { JsonValue } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

/** What a job was submitted with, beside what the job itself has. */
export type JobInput = { input: JsonValue; uploadId: string | null };

/** Reads it; null if there is no job that the reader may see. */
export async function getJobInput(db: Db, jobId: string): Promise<JobInput | null> {
  const [row] = await runQuery<JobInput>(db, {
    text: `select coalesce(j.input, p.input) as input, j.upload_id as "uploadId" from public.automation_jobs j
      left join public.automation_job_payloads p on p.job_id = j.id where j.id = $1`,
    values: [jobId],
  });
  return row ?? null;
}
