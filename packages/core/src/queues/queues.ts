import type { Queue, QueueInfo } from '@gantry/contract';
import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';

/** Reads the figures. Needs the service role; they reveal nothing of anybody's job. */
export async function getQueueInfo(db: Db): Promise<QueueInfo> {
  return (await runForOne<{ info: QueueInfo }>(db, { text: 'select gantry.queue_info() as info' })).info;
}

/** Lists the queues by name, with what is bound to them. */
export async function listQueues(db: Db): Promise<Queue[]> {
  const { queues } = await getQueueInfo(db);
  const bound = await runQuery<Pick<Queue, 'name' | 'services' | 'workerSlots'>>(db, {
    text: `select q.name,
        (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'isChosen', s.is_queue_chosen)
            order by s.name), '[]')
          from public.automation_services s where s.queue_name = q.name) as services,
        (select coalesce(sum(w.concurrency), 0)::integer from public.automation_workers w
          where w.status = 'active' and (w.queues is null or q.name = any (w.queues))) as "workerSlots"
      from public.automation_queues q`,
  });
  return queues.flatMap((queue) => {
    const more = bound.find(({ name }) => name === queue.name);
    return more ? [{ ...queue, ...more }] : [];
  });
}

/** Makes a queue. @throws {GantryError} QUEUE_EXISTS, VALUE_INVALID */
export async function createQueue(
  db: Db,
  o: { name: string; concurrencyLimit: number | null },
): Promise<void> {
  await runQuery(db, { text: 'select gantry.create_queue($1, $2)', values: [o.name, o.concurrencyLimit] });
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
        where name = $1 and deleted_at is null returning name)
      select pg_notify('gantry_jobs', name) from changed`,
    values: [o.name, o.isPaused ?? null, o.concurrencyLimit !== undefined, o.concurrencyLimit ?? null],
  });
  if (rows.length === 0) throw new GantryError('QUEUE_NOT_FOUND', undefined, { details: { queue: o.name } });
}

/** Deletes a queue. @throws {GantryError} QUEUE_NOT_FOUND, QUEUE_IN_USE by a service or by jobs that wait or run */
export async function deleteQueue(db: Db, name: string): Promise<void> {
  await runQuery(db, { text: 'select gantry.delete_queue($1)', values: [name] });
}

/**
 * Binds a service to a queue, whatever its workers publish, or with null to the one that they do. Waiting jobs stay
 * where they are; {@link moveWaitingJobs} moves them.
 *
 * @throws {GantryError} SERVICE_NOT_FOUND, QUEUE_NOT_FOUND
 */
export async function bindService(db: Db, o: { serviceId: string; queue: string | null }): Promise<void> {
  await runQuery(db, { text: 'select gantry.choose_queue($1, $2)', values: [o.serviceId, o.queue] });
}
