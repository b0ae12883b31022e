import { GantryError } from '../errors.ts';
import { type Db, runForOne, runQuery } from '../run-query.ts';

/** Figures of the whole queue. */
export type QueueInfo = {
  pending: number;
  processing: number;
  completed: number;
  failed: number;
  cancelled: number;
  activeWorkers: number;
  queues: {
    name: string;
    /** Jobs that may run at once; null for no limit. */
    concurrencyLimit: number | null;
    isPaused: boolean;
    pending: number;
    processing: number;
  }[];
};

/** Reads the figures. Needs the service role; they reveal nothing of anybody's job. */
export async function getQueueInfo(db: Db): Promise<QueueInfo> {
  return (await runForOne<{ info: QueueInfo }>(db, { text: 'select gantry.queue_info() as info' })).info;
}

/** Pauses, resumes or limits a queue; what is undefined stays. @throws {GantryError} QUEUE_NOT_FOUND */
export async function setQueue(
  db: Db,
  o: { name: string; isPaused?: boolean | undefined; concurrencyLimit?: number | null | undefined },
): Promise<void> {
  const rows = await runQuery(db, {
    text: `with changed as (
        update public.automation_queues set
          is_paused = coalesce($2, is_paused),
          concurrency_limit = case when $3 then $4::integer else concurrency_limit end,
          updated_at = gantry.clock()
        where name = $1 returning name)
      select pg_notify('gantry_jobs', name) from changed`,
    values: [o.name, o.isPaused ?? null, o.concurrencyLimit !== undefined, o.concurrencyLimit ?? null],
  });
  if (rows.length === 0) throw new GantryError('QUEUE_NOT_FOUND', 'There is no such queue.');
}
