import { setTimeout } from 'node:timers/promises';

import { type Db, runForOne } from '../db/run-query.ts';

/** So many at a time: claims from the two queues wait while they are moved. */
const BATCH = 500;
const RETRY_MS = 50;
const MAX_IDLE_ROUNDS = 20;

/**
 * Counts the jobs of a service that wait (ready, scheduled, blocked or backing off) in another queue than the one given,
 * or with null than the one that its code names.
 *
 * @see supabase/schemas/49_move_waiting_jobs.sql
 */
export async function countWaitingElsewhere(
  db: Db,
  o: { serviceId: string; queue: string | null },
): Promise<number> {
  const { count } = await runForOne<{ count: number }>(db, {
    text: 'select coalesce(gantry.count_waiting_elsewhere($1, $2), 0) as count',
    values: [o.serviceId, o.queue],
  });
  return count;
}

/**
 * Moves the waiting jobs of a service to the queue that it is in now, some hundred at a time, and returns how many. Jobs
 * that start meanwhile stay in their queue. Give it a pool: in a transaction it would hold up claims until the end.
 *
 * @throws {GantryError} SERVICE_NOT_FOUND
 */
export async function moveWaitingJobs(db: Db, serviceId: string): Promise<number> {
  let total = 0;
  for (let idleRounds = 0; idleRounds < MAX_IDLE_ROUNDS; ) {
    const { ids } = await runForOne<{ ids: string[] }>(db, {
      text: 'select gantry.find_waiting_elsewhere($1, $2) as ids',
      values: [serviceId, BATCH],
    });
    if (ids.length === 0) break;
    const { moved } = await runForOne<{ moved: number }>(db, {
      text: 'select gantry.move_waiting_jobs($1, $2) as moved',
      values: [serviceId, ids],
    });
    total += moved;
    idleRounds = moved === 0 ? idleRounds + 1 : 0;
    // All that are left are held by others at this moment.
    if (moved === 0) await setTimeout(RETRY_MS);
  }
  return total;
}
