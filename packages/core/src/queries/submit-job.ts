import { GantryError } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { type Db, refusalOf, runQuery } from '../run-query.ts';

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

/** The job, and whether it is new or the one of an earlier submission with the same key. */
export type Submitted = { jobId: string; isNew: boolean };

/**
 * Inserts pending jobs in one statement, each for itself: what is refused keeps no other from being submitted.
 *
 * @returns for each job, in their order, what became of it: SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND and
 *   IDEMPOTENCY_CONFLICT are refusals of one
 * @throws {GantryError} VALUE_INVALID when one of them cannot be stored; then none was
 */
export async function submitJobs(db: Db, jobs: NewJob[]): Promise<(Submitted | GantryError)[]> {
  const rows = await runQuery<{ n: number; job_id: string; is_new: boolean; refusal: string | null }>(db, {
    name: 'submit-jobs',
    text: 'select n, job_id, is_new, refusal from gantry.submit_jobs($1)',
    values: [JSON.stringify(jobs)],
  });
  const outcomes: (Submitted | GantryError)[] = [];
  for (const { n, job_id, is_new, refusal } of rows) {
    outcomes[n - 1] = refusal === null ? { jobId: job_id, isNew: is_new } : refusalOf(refusal);
  }
  return outcomes;
}

/**
 * Inserts a pending job.
 *
 * @throws {GantryError} SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, IDEMPOTENCY_CONFLICT, VALUE_INVALID
 */
export async function submitJob(db: Db, job: NewJob): Promise<Submitted> {
  const [outcome] = await submitJobs(db, [job]);
  if (!outcome) throw new TypeError('A submission was not answered.');
  if (outcome instanceof GantryError) throw outcome;
  return outcome;
}
