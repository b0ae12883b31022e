import { type Db, runQuery } from '../run-query.ts';

/**
 * Puts a failed job back in the queue with all its attempts. Rows that have an answer keep it.
 *
 * @throws {GantryError} JOB_NOT_FOUND, JOB_NOT_RETRYABLE
 */
export async function retryJob(db: Db, o: { jobId: string; reason: string }): Promise<void> {
  await runQuery(db, { text: 'select gantry.retry_job($1, $2)', values: [o.jobId, o.reason] });
}
