import type pg from 'pg';

import type { Fixture } from '../fixture.ts';

/** What one connection does, a step after the other. */
export type Party = (db: pg.PoolClient) => (() => Promise<unknown>)[];

/** All orders in which the steps of several parties can follow each other: [2, 1] gives 001, 010 and 100. */
export function ordersOf(steps: number[]): number[][] {
  if (steps.every((left) => left === 0)) return [[]];
  return steps.flatMap((left, party) =>
    left === 0
      ? []
      : ordersOf(steps.map((n, i) => (i === party ? n - 1 : n))).map((rest) => [party, ...rest]),
  );
}

/**
 * Lets the parties take their steps in this order, each on a connection of its own. A step that waits for a lock is
 * left waiting while others go on, and takes place as soon as it can: the steps after it keep their order. Throws what
 * a step throws, a deadlock too.
 */
export async function interleave(f: Fixture, parties: Party[], order: number[]): Promise<void> {
  const clients = await Promise.all(parties.map(() => f.db.connect()));
  try {
    const lanes = await Promise.all(
      clients.map(async (client, index) => {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        return {
          pid: rows[0]?.pid ?? 0,
          steps: parties[index]?.(client) ?? [],
          open: 0,
          done: Promise.resolve(),
        };
      }),
    );
    for (const party of order) {
      const lane = lanes[party];
      const step = lane?.steps.shift();
      if (!lane || !step) throw new Error('The order has more steps than the parties.');
      lane.open += 1;
      lane.done = lane.done
        .then(async () => void (await step()))
        .finally(() => {
          lane.open -= 1;
        });
      // Thrown below, when all have been heard.
      lane.done.catch(() => {});
      await untilDoneOrBlocked(f, lane);
    }
    await Promise.all(lanes.map(({ done }) => done));
  } finally {
    for (const client of clients) {
      await client.query('rollback').catch(() => {});
      client.release();
    }
  }
}

async function untilDoneOrBlocked(f: Fixture, lane: { pid: number; open: number }): Promise<void> {
  while (lane.open > 0) {
    const { rows } = await f.db.query('select cardinality(pg_blocking_pids($1)) > 0 as waits', [lane.pid]);
    if (rows[0].waits) return;
  }
}
