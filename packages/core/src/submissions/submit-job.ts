import type { JsonValue, OnFailure } from '@gantry/contract';
import { type Db, errorOfSqlState, runForOne, runQuery } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';

/** A job to submit. */
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
  /** Jobs of the same user that it runs after. */
  dependsOn?: NewDependency[] | undefined;
  /** At most 10 different ones, each of 1 to 40 characters. */
  tags?: string[] | undefined;
  /** The job of the same user that it repeats. */
  rerunOf?: string | undefined;
};

/** A job that another is to run after; with `fail` where nothing is said. */
export type NewDependency = { jobId: string; onFailure?: OnFailure | undefined };

/** The job, and whether it is new or the one of an earlier submission with the same key. */
export type Submitted = { jobId: string; isNew: boolean };

/** What a submission is checked against. */
export type SubmitOptions = {
  /** How many unfinished jobs a user may have; any number by default. */
  maxUnfinishedJobs?: number | undefined;
};

/**
 * Inserts pending jobs in one statement, each for itself: what is refused keeps no other from being submitted.
 *
 * @returns for each job, in their order, what became of it: SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, IDEMPOTENCY_CONFLICT,
 *   DEPENDENCY_NOT_FOUND and QUOTA_EXCEEDED are refusals of one
 * @throws {GantryError} VALUE_INVALID when one of them cannot be stored; then none was
 */
export async function submitJobs(
  db: Db,
  jobs: NewJob[],
  o: SubmitOptions = {},
): Promise<(Submitted | GantryError)[]> {
  const rows = await runQuery<{ n: number; job_id: string; is_new: boolean; refusal: string | null }>(
    db,
    o.maxUnfinishedJobs === undefined && !jobs.some(isLinked)
      ? {
          name: 'submit-jobs',
          text: 'select n, job_id, is_new, refusal from gantry.submit_jobs($1)',
          values: [JSON.stringify(jobs)],
        }
      : {
          name: 'submit-linked-jobs',
          text: 'select n, job_id, is_new, refusal from gantry.submit_linked_jobs($1, $2)',
          values: [JSON.stringify(jobs), o.maxUnfinishedJobs ?? null],
        },
  );
  const outcomes: (Submitted | GantryError)[] = [];
  for (const { n, job_id, is_new, refusal } of rows) {
    outcomes[n - 1] = refusal === null ? { jobId: job_id, isNew: is_new } : errorOfSqlState(refusal);
  }
  return outcomes;
}

function isLinked(job: NewJob): boolean {
  return job.dependsOn !== undefined || job.tags !== undefined || job.rerunOf !== undefined;
}

/**
 * Inserts a pending job.
 *
 * @throws {GantryError} SERVICE_NOT_FOUND, UPLOAD_NOT_FOUND, IDEMPOTENCY_CONFLICT, DEPENDENCY_NOT_FOUND, QUOTA_EXCEEDED,
 *   VALUE_INVALID
 */
export async function submitJob(db: Db, job: NewJob, o: SubmitOptions = {}): Promise<Submitted> {
  const [outcome] = await submitJobs(db, [job], o);
  if (!outcome) throw new TypeError('A submission was not answered.');
  if (outcome instanceof GantryError) throw outcome;
  return outcome;
}

/** Whether a user has a job with an idempotency key: a submission that repeats the key makes no other. */
export async function isKeyUsed(db: Db, o: { userId: string; idempotencyKey: string }): Promise<boolean> {
  const { used } = await runForOne<{ used: boolean }>(db, {
    text: 'select exists (select from public.automation_jobs j where j.user_id = $1 and j.idempotency_key = $2) as used',
    values: [o.userId, o.idempotencyKey],
  });
  return used;
}
