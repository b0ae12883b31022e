import type { JobStatus, JsonObject, RowResult } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import { type ArtifactRow, SELECT_ARTIFACT, toArtifact } from './get-artifact.ts';
import { toError } from './job-columns.ts';
import type { JobResults } from './job-results.ts';

type RowRow = {
  row_index: number;
  line: number | null;
  row_key: string;
  status: RowResult['status'];
  data: JsonObject;
  error_code: string | null;
  error_message: string | null;
};

/** Reads what a job found so far; null if there is no job that the reader may see. */
export async function getJobResults(db: Db, jobId: string): Promise<JobResults | null> {
  const outcome = await getJobOutcome(db, jobId);
  return outcome && { ...outcome, rows: await getRowResults(db, jobId) };
}

/** Reads what a job found so far without its rows; null if there is no job that the reader may see. */
export async function getJobOutcome(db: Db, jobId: string): Promise<Omit<JobResults, 'rows'> | null> {
  const [job] = await runQuery<{ status: JobStatus; summary: JsonObject | null }>(db, {
    text: `select j.status, p.summary from public.automation_jobs j
      left join public.automation_job_payloads p on p.job_id = j.id where j.id = $1`,
    values: [jobId],
  });
  if (!job) return null;
  const artifacts = await runQuery<ArtifactRow>(db, {
    text: `select * from (${SELECT_ARTIFACT} where job_id = $1 order by name, attempt desc) a order by created_at, name`,
    values: [jobId],
  });
  return { jobId, ...job, artifacts: artifacts.map(toArtifact) };
}

/** Reads the rows of a job that have an answer, in order. */
export async function getRowResults(db: Db, jobId: string): Promise<RowResult[]> {
  const rows = await runQuery<RowRow>(db, {
    text: `select row_index, line, row_key, status, data, error_code, error_message
      from public.automation_job_rows where job_id = $1 order by row_index`,
    values: [jobId],
  });
  return rows.map((row) => ({
    index: row.row_index,
    line: row.line,
    key: row.row_key,
    status: row.status,
    data: row.data,
    error: toError(row),
  }));
}
