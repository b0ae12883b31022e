import { expect, test } from 'vitest';

import { completeJobs, releaseJob, rescueJobs, submitJobs } from '../../src/index.ts';
import { interleave, ordersOf, type Party } from '../concurrency/interleave.ts';
import { createFixture, END, type Fixture, HOUR_MS } from '../fixture.ts';

const moveLineStarts = (f: Fixture) => rescueJobs(f.db, { sessionGraceMs: HOUR_MS });
const urgent = (f: Fixture) => ({ userId: f.user.id, serviceId: 'a-service', input: {}, priority: 2 });

/** A queue that was empty when its line started anew: all ranks that an urgent job can have are before the start. */
async function setUp() {
  const f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();
  await f.submit();
  const [running] = await f.claim(workerId);
  if (!running) throw new Error('The job can be claimed.');
  await moveLineStarts(f);
  return { f, workerId, running, [Symbol.asyncDispose]: () => f[Symbol.asyncDispose]() };
}

test('jobs that join before the start of the line are claimed first, in their order', async () => {
  await using queue = await setUp();
  const { f, workerId, running } = queue;
  const usual = await f.submit();
  const high = await f.submit({ priority: 1 });
  const highest = await f.submit({ priority: 2 });
  const nextHighest = await f.submit({ priority: 2 });
  await releaseJob(f.db, { ...running, browser: {} });
  const claimed = [];
  for (let n = 0; n < 5; n++) {
    claimed.push(...(await f.claim(workerId)));
    await moveLineStarts(f);
  }
  expect(claimed.map(({ jobId }) => jobId)).toEqual([highest, nextHighest, high, running.jobId, usual]);
});

/** Submits an urgent job while a line is started anew, in every order, and expects that it is claimed. */
async function tryAllOrders({ f, workerId }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  const submit: Party = (db) => [
    () => db.query('begin'),
    () => submitJobs(db, [urgent(f)]),
    () => db.query('commit'),
  ];
  const move: Party = (db) => [
    () => db.query('begin'),
    () => rescueJobs(db, { sessionGraceMs: HOUR_MS }),
    () => db.query('commit'),
  ];
  for (const [n, order] of ordersOf([3, 3]).entries()) {
    // Later than the start of the line is now, so that it is moved.
    await f.setClock((n + 1) * 1000);
    await f.submit();
    await f.claim(workerId);
    await interleave(f, [submit, move], order);
    expect(await f.claim(workerId), `in the order ${order.join('')}`).toHaveLength(1);
  }
}

test('a job that joins while the line is started anew is not passed over', async () => {
  await using queue = await setUp();
  await tryAllOrders(queue);
});

test('a queue that is wrong is noticed: one that does not wait for jobs that are joining', async () => {
  await using queue = await setUp();
  await queue.f.rewrite('enter_line', 'pg_advisory_xact_lock_shared(', 'concat(');
  await expect(tryAllOrders(queue)).rejects.toThrow(/in the order/);
});

test('a claim waits for nothing that is submitted or rescued, and neither for a claim', async () => {
  await using queue = await setUp();
  const { f, workerId } = queue;
  const db = await f.db.connect();
  try {
    await db.query('begin');
    await submitJobs(db, [urgent(f)]);
    await moveLineStarts(f);
    const jobId = await f.submit();
    expect(await f.claim(workerId)).toMatchObject([{ jobId }]);
  } finally {
    await db.query('rollback');
    db.release();
  }
});

test('while a snapshot is held, a claim reads nothing of the jobs that have left', async () => {
  await using queue = await setUp();
  const { f, workerId } = queue;
  const [holder, reader] = [await f.db.connect(), await f.db.connect()];
  try {
    await holder.query('begin isolation level repeatable read');
    await holder.query('select from public.automation_queues');
    for (let round = 1; round <= 10; round++) {
      await f.setClock(round * 1000);
      await submitJobs(
        f.db,
        Array.from({ length: 200 }, () => ({ ...urgent(f), priority: round % 3 })),
      );
      const jobs = await f.claim(workerId, { limit: 200 });
      const ended = jobs.map(({ jobId, attempt }) => ({ jobId, attempt, summary: null, browser: {} }));
      await completeJobs(f.db, ended, END);
      await moveLineStarts(f);
    }
    await f.setClock(11_000);
    await submitJobs(f.db, [urgent(f), urgent(f)]);
    await f.claim(workerId);
    await moveLineStarts(f);
    await reader.query('begin');
    await reader.query('select gantry.claim_jobs($1, 1, 60000)', [workerId]);
    const { rows } = await reader.query(
      `select sum(pg_stat_get_xact_tuples_returned(indexrelid))::integer as n from pg_index
       where indrelid in ('gantry.ready_jobs'::regclass, 'gantry.running_jobs'::regclass)`,
    );
    expect(rows[0].n).toBeLessThan(50);
  } finally {
    for (const client of [holder, reader]) {
      await client.query('rollback');
      client.release();
    }
  }
});
