import { expect, test } from 'vitest';

import {
  cancelJob,
  claimJobs,
  completeJob,
  freeSlot,
  getQueueInfo,
  setQueue,
  withTransaction,
} from '../../src/index.ts';
import { createFixture, END } from '../fixture.ts';

test('the default queue runs one job at a time, however many workers ask', async () => {
  await using f = await createFixture();
  const workers = await Promise.all([f.addWorker(), f.addWorker(), f.addWorker()]);
  for (let i = 0; i < 5; i++) await f.submit();
  const claimed = (await Promise.all(workers.map((worker) => f.claim(worker, { limit: 5 })))).flat();
  expect(claimed).toHaveLength(1);
  expect((await Promise.all(workers.map((worker) => f.claim(worker)))).flat()).toEqual([]);
  await completeJob(f.db, { jobId: claimed[0]?.jobId ?? '', attempt: 1, summary: null, ...END });
  expect((await Promise.all(workers.map((worker) => f.claim(worker)))).flat()).toHaveLength(1);
});

test('twenty workers at once never get one job twice, and never exceed the limit', async () => {
  await using f = await createFixture();
  await f.setLimit(7);
  const workers = await Promise.all(Array.from({ length: 20 }, () => f.addWorker()));
  for (let i = 0; i < 60; i++) await f.submit();
  const seen: string[] = [];
  let mostRunning = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (seen.length < 60) {
        const jobs = await f.claim(worker, { limit: 2 });
        for (const job of jobs) {
          seen.push(job.jobId);
          const { rows } = await f.db.query(
            `select count(*)::int as n from public.automation_jobs where status = 'processing'`,
          );
          mostRunning = Math.max(mostRunning, rows[0].n);
          await completeJob(f.db, { jobId: job.jobId, attempt: job.attempt, summary: null, ...END });
        }
      }
    }),
  );
  expect(new Set(seen).size).toBe(60);
  expect(seen).toHaveLength(60);
  expect(mostRunning).toBeLessThanOrEqual(7);
  expect(mostRunning).toBeGreaterThan(1);
});

test('a limit lowered while jobs run lets no new one in until enough have ended', async () => {
  await using f = await createFixture();
  await f.setLimit(4);
  const worker = await f.addWorker();
  for (let i = 0; i < 8; i++) await f.submit();
  const running = await f.claim(worker, { limit: 4 });
  expect(running).toHaveLength(4);
  await setQueue(f.db, { name: 'default', concurrencyLimit: 2 });
  for (const [ended, mayClaim] of [
    [0, 0],
    [1, 0],
    [2, 1],
  ] as const) {
    await completeJob(f.db, { jobId: running[ended]?.jobId ?? '', attempt: 1, summary: null, ...END });
    expect(await f.claim(worker, { limit: 8 })).toHaveLength(mayClaim);
  }
});

test('a raised limit is there at the next claim', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  for (let i = 0; i < 4; i++) await f.submit();
  expect(await f.claim(worker, { limit: 4 })).toHaveLength(1);
  await setQueue(f.db, { name: 'default', concurrencyLimit: 3 });
  expect(await f.claim(worker, { limit: 4 })).toHaveLength(2);
});

test('a cancelled running job keeps its slot until its browser is gone', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const [first] = [await f.submit(), await f.submit()];
  await f.claim(worker);
  await cancelJob(f.db, { jobId: first, reason: 'cancelled_by_owner' });
  expect(await f.claim(worker)).toEqual([]);
  await freeSlot(f.db, { jobId: first, attempt: 1 });
  expect(await f.claim(worker)).toHaveLength(1);
});

test('a limit that moves while workers claim keeps nothing from running in the end', async () => {
  await using f = await createFixture();
  const limits = [3, 1, null, 2, 5, 1, 4, null, 2];
  await f.setLimit(5);
  await Promise.all(Array.from({ length: 80 }, () => f.submit()));
  const workers = await Promise.all(Array.from({ length: 8 }, () => f.addWorker()));
  const isDone = async () => (await getQueueInfo(f.db)).completed === 80;
  const work = workers.map(async (worker) => {
    while (!(await isDone())) {
      for (const { jobId, attempt } of await f.claim(worker, { limit: 2 })) {
        await completeJob(f.db, { jobId, attempt, summary: null, ...END });
      }
    }
  });
  for (let round = 0; !(await isDone()); round++) {
    await setQueue(f.db, { name: 'default', concurrencyLimit: limits[round % limits.length] ?? null });
  }
  await Promise.all(work);
  expect(await f.holders()).toEqual([]);
});

test('a queue that gets a limit counts the jobs that run already', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  for (let i = 0; i < 6; i++) await f.submit();
  const running = await f.claim(worker, { limit: 3 });
  expect(running).toHaveLength(3);
  await setQueue(f.db, { name: 'default', concurrencyLimit: 2 });
  expect(await f.claim(worker, { limit: 6 })).toEqual([]);
  for (const [ended, mayClaim] of [
    [0, 0],
    [1, 1],
  ] as const) {
    await completeJob(f.db, { jobId: running[ended]?.jobId ?? '', attempt: 1, summary: null, ...END });
    expect(await f.claim(worker, { limit: 6 })).toHaveLength(mayClaim);
  }
});

test('a job claimed at the moment its queue gets a limit counts too', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  await f.submit();
  await f.submit();
  const blocked = await withTransaction(f.db, async (db) => {
    expect(await claimJobs(db, { workerId: worker, limit: 1, leaseMs: 60_000 })).toHaveLength(1);
    await setQueue(f.db, { name: 'default', concurrencyLimit: 1 });
    const next = f.claim(worker);
    await f.untilBlocked(1);
    return { next };
  });
  expect(await blocked.next).toEqual([]);
});

test('a claim that finds its queue full hides no job from others', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  await f.submit();
  const waiting = await f.submit();
  await f.claim(worker);
  await withTransaction(f.db, async (db) => {
    expect(await claimJobs(db, { workerId: worker, limit: 1, leaseMs: 60_000 })).toEqual([]);
    const { rows } = await f.asOwner(
      'select id from public.automation_jobs where id = $1 for update skip locked',
      [waiting],
    );
    expect(rows).toHaveLength(1);
  });
});

test('claims from one queue go one after the other, and what the first one took counts for the second', async () => {
  await using f = await createFixture();
  await f.setLimit(2);
  const [one, other] = [await f.addWorker(), await f.addWorker()];
  for (let i = 0; i < 3; i++) await f.submit();
  const blocked = await withTransaction(f.db, async (db) => {
    await claimJobs(db, { workerId: one, limit: 1, leaseMs: 60_000 });
    const second = f.claim(other, { limit: 3 });
    await f.untilBlocked(1);
    return { second };
  });
  expect(await blocked.second).toHaveLength(1);
});

test('claims from different queues do not wait for each other', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', queue: 'other' });
  const [one, other] = [await f.addWorker(), await f.addWorker({ services: ['elsewhere'] })];
  await f.submit();
  const elsewhere = await f.submit({ serviceId: 'elsewhere' });
  await withTransaction(f.db, async (db) => {
    await claimJobs(db, { workerId: one, limit: 1, leaseMs: 60_000 });
    expect((await f.claim(other)).map((job) => job.jobId)).toEqual([elsewhere]);
  });
});

test('a worker may serve some queues only', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', queue: 'other' });
  const worker = await f.addWorker({ services: ['a-service', 'elsewhere'] });
  await f.submit();
  const elsewhere = await f.submit({ serviceId: 'elsewhere' });
  const claimed = await claimJobs(f.db, { workerId: worker, limit: 5, leaseMs: 60_000, queues: ['other'] });
  expect(claimed.map((job) => job.jobId)).toEqual([elsewhere]);
});
