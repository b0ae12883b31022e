import { type Db, runQuery } from '../db/run-query.ts';

/** An attempt: the fencing token of every write of a worker. */
export type AttemptRef = { jobId: string; attempt: number };

/**
 * Renews the leases of everything that a worker runs.
 *
 * @returns the attempts that it no longer holds
 * @throws {GantryError} WORKER_UNKNOWN when the worker itself was given up
 */
export async function heartbeat(
  db: Db,
  o: { workerId: string; held: AttemptRef[]; leaseMs: number },
): Promise<AttemptRef[]> {
  return runQuery<AttemptRef>(db, {
    name: 'heartbeat',
    text: 'select lost_job_id as "jobId", lost_attempt as attempt from gantry.heartbeat($1, $2, $3, $4)',
    values: [o.workerId, o.held.map((a) => a.jobId), o.held.map((a) => a.attempt), o.leaseMs],
  });
}
