import { type Db, runQuery } from '../run-query.ts';
import { DEFAULTS } from '../settings.ts';

/**
 * Cancels a pending or running job; a cancelled one stays as it is. A running attempt loses its lease at once.
 *
 * @throws {GantryError} JOB_NOT_FOUND, JOB_ALREADY_FINISHED
 */
export async function cancelJob(
  db: Db,
  o: { jobId: string; reason: string; resultTtlMs?: number },
): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.cancel_job($1, $2, $3)',
    values: [o.jobId, o.reason, o.resultTtlMs ?? DEFAULTS.resultTtlMs],
  });
}
