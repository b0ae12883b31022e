import type { JsonValue } from '../json.ts';
import { type Db, runForOne } from '../run-query.ts';

/** What somebody wants done. */
export type NewJob = {
  userId: string;
  serviceId: string;
  input: JsonValue;
  uploadId?: string | undefined;
  /** 0 normal, 1 high, 2 urgent. */
  priority?: number | undefined;
  /** ISO 8601 with an offset; at once by default. */
  runAt?: string | undefined;
  /** Repeating a submission with the same key returns the first job. */
  idempotencyKey?: string | undefined;
  /** SHA-256 (hex) of what was submitted; needed with a key. */
  payloadSha256?: string | undefined;
};

/**
 * Inserts a pending job.
 *
 * @returns its id, and whether it is new or the one of an earlier submission with this key
 * @throws {GantryError} SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, IDEMPOTENCY_CONFLICT
 */
export async function submitJob(db: Db, job: NewJob): Promise<{ jobId: string; isNew: boolean }> {
  const row = await runForOne<{ job_id: string; is_new: boolean }>(db, {
    name: 'submit-job',
    text: 'select job_id, is_new from gantry.submit_job($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [
      job.userId,
      job.serviceId,
      JSON.stringify(job.input),
      job.uploadId ?? null,
      job.priority ?? 0,
      job.runAt ?? null,
      job.idempotencyKey ?? null,
      job.payloadSha256 ?? null,
    ],
  });
  return { jobId: row.job_id, isNew: row.is_new };
}
