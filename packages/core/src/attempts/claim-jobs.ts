import type { JsonValue } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

/** A job and all that its attempt needs. */
export type ClaimedJob = {
  jobId: string;
  attempt: number;
  attemptsUsed: number;
  maxAttempts: number;
  userId: string;
  serviceId: string;
  queue: string;
  timeoutMs: number;
  input: JsonValue;
  checkpoint: JsonValue;
  file: { name: string; storageKey: string } | null;
};

type ClaimedRow = Omit<ClaimedJob, 'file'> & { fileName: string | null; fileStorageKey: string | null };

/**
 * Takes the next runnable jobs of the worker's services, within the limits of their queues: of the user with the fewest
 * jobs running first, then by priority and age. No two workers ever get the same attempt.
 *
 * @throws {GantryError} WORKER_UNKNOWN when the worker is draining, stopped or was given up
 */
export async function claimJobs(
  db: Db,
  o: {
    workerId: string;
    limit: number;
    leaseMs: number;
    /** Names of the queues to take from; all by default. */
    queues?: string[] | undefined;
  },
): Promise<ClaimedJob[]> {
  const rows = await runQuery<ClaimedRow>(db, {
    name: 'claim-jobs',
    text: `select job_id as "jobId", attempt, attempts_used as "attemptsUsed", max_attempts as "maxAttempts",
        user_id as "userId", service_id as "serviceId", queue_name as queue, timeout_ms as "timeoutMs", input, checkpoint,
        file_name as "fileName", file_storage_key as "fileStorageKey"
      from gantry.claim_jobs($1, $2, $3, $4)`,
    values: [o.workerId, o.limit, o.leaseMs, o.queues ?? null],
  });
  return rows.map(({ fileName, fileStorageKey, ...job }) => ({
    ...job,
    file:
      fileName === null || fileStorageKey === null ? null : { name: fileName, storageKey: fileStorageKey },
  }));
}
