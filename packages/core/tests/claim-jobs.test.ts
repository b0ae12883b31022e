import { expect, test } from 'vitest';

import {
  cancelJob,
  claimJobs,
  completeJob,
  drainWorker,
  freeSlot,
  getJob,
  getQueueInfo,
  setQueue,
  withTransaction,
} from '../src/index.ts';
import { createFixture } from './fixture.ts';

const DONE = { summary: null, resultTtlMs: 60_000, browser: {} };

test('the highest priority goes first, then the oldest', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  const first = await f.submit();
  const second = await f.submit();
  const urgent = await f.submit({ priority: 2 });
  const high = await f.submit({ priority: 1 });
  const claimed = await f.claim(worker, { limit: 10 });
  expect(claimed.map((job) => job.jobId)).toEqual([urgent, high, first, second]);
});

test('a claim starts attempt 1 with a lease, and carries what the attempt needs', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit({ input: { words: ['ä', '1'] } });
  expect(await f.claim(worker)).toEqual([
    {
      jobId,
      attempt: 1,
      attemptsUsed: 1,
      maxAttempts: 3,
      userId: f.user.id,
      serviceId: 'a-service',
      queue: 'default',
      timeoutMs: 60_000,
      input: { words: ['ä', '1'] },
      checkpoint: null,
      file: null,
    },
  ]);
  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'processing',
    attempt: 1,
    startedAt: expect.any(String),
  });
});

test('the default queue runs one job at a time, however many workers ask', async () => {
  await using f = await createFixture();
  const workers = await Promise.all([f.addWorker(), f.addWorker(), f.addWorker()]);
  for (let i = 0; i < 5; i++) await f.submit();
  const claimed = (await Promise.all(workers.map((worker) => f.claim(worker, { limit: 5 })))).flat();
  expect(claimed).toHaveLength(1);
  expect((await Promise.all(workers.map((worker) => f.claim(worker)))).flat()).toEqual([]);
  await completeJob(f.db, { jobId: claimed[0]?.jobId ?? '', attempt: 1, ...DONE });
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
          await completeJob(f.db, { jobId: job.jobId, attempt: job.attempt, ...DONE });
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
    await completeJob(f.db, { jobId: running[ended]?.jobId ?? '', attempt: 1, ...DONE });
    expect(await f.claim(worker, { limit: 8 })).toHaveLength(mayClaim);
  }
  const { rows } = await f.db.query('select slot_number from gantry.queue_slots order by 1');
  expect(rows).toEqual([{ slot_number: 1 }, { slot_number: 2 }]);
});

test('a raised limit is there at the next claim', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  for (let i = 0; i < 4; i++) await f.submit();
  expect(await f.claim(worker, { limit: 4 })).toHaveLength(1);
  await setQueue(f.db, { name: 'default', concurrencyLimit: 3 });
  expect(await f.claim(worker, { limit: 4 })).toHaveLength(2);
});

test('a full queue does not hold up another one', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', queue: 'other' });
  const worker = await f.addWorker({ services: ['a-service', 'elsewhere'] });
  await f.submit();
  await f.submit();
  const other = await f.submit({ serviceId: 'elsewhere' });
  expect(await f.claim(worker)).toHaveLength(1);
  expect((await f.claim(worker)).map((job) => job.jobId)).toEqual([other]);
});

test('a paused queue gives nothing until it is resumed', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  await f.submit();
  await setQueue(f.db, { name: 'default', isPaused: true });
  expect(await f.claim(worker)).toEqual([]);
  await setQueue(f.db, { name: 'default', isPaused: false });
  expect(await f.claim(worker)).toHaveLength(1);
});

test('a worker gets only what it can run, and nothing while it drains', async () => {
  await using f = await createFixture();
  const other = await f.addWorker({ services: ['another-service'] });
  const draining = await f.addWorker();
  await f.submit();
  expect(await f.claim(other)).toEqual([]);
  await drainWorker(f.db, draining);
  await expect(f.claim(draining)).rejects.toMatchObject({ code: 'WORKER_UNKNOWN' });
});

test('a job for later is not claimed before its time', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(await f.claim(worker)).toEqual([]);
  await f.db.query(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
  expect(await f.claim(worker)).toHaveLength(1);
});

test('a cancelled running job keeps its slot until its browser is gone', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const [first] = [await f.submit(), await f.submit()];
  await f.claim(worker);
  await cancelJob(f.db, { jobId: first, reason: 'cancelled by owner' });
  expect(await f.claim(worker)).toEqual([]);
  await freeSlot(f.db, { jobId: first, attempt: 1 });
  expect(await f.claim(worker)).toHaveLength(1);
});

test('a claim walks the ready index, with much that is not ready beside it', async () => {
  await using f = await createFixture();
  await f.db.query(
    `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, is_ready, max_attempts, timeout_ms)
     select $1, 'a-service', 'default', now() + interval '1 day', false, 3, 60000 from generate_series(1, 5000)`,
    [f.user.id],
  );
  await f.submit();
  await f.asOwner('analyze');
  const { rows } = await f.db.query(
    `explain select j.id from public.automation_jobs j
     where j.is_ready and j.service_id = any ('{a-service}') and j.queue_name = 'default'
     order by j.priority desc, j.seq limit 1 for update of j skip locked`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
    /Index Scan using automation_jobs_ready_idx/,
  );
});

test('two workers share two hundred jobs and run none twice', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  await Promise.all(Array.from({ length: 200 }, () => f.submit()));
  const workers = await Promise.all([f.addWorker(), f.addWorker()]);
  const shares = await Promise.all(
    workers.map(async (worker) => {
      const share: string[] = [];
      for (;;) {
        const jobs = await f.claim(worker, { limit: 5 });
        if (jobs.length === 0) return share;
        for (const job of jobs) {
          await completeJob(f.db, { jobId: job.jobId, attempt: job.attempt, ...DONE });
          share.push(job.jobId);
        }
      }
    }),
  );
  expect(shares.flat()).toHaveLength(200);
  expect(new Set(shares.flat()).size).toBe(200);
});

test('a limit that moves while workers claim is exceeded by no new claim, and no slot is lost', async () => {
  await using f = await createFixture();
  const limits = [3, 1, null, 2, 5, 1, 4, null, 2];
  await f.setLimit(5);
  await Promise.all(Array.from({ length: 80 }, () => f.submit()));
  const workers = await Promise.all(Array.from({ length: 8 }, () => f.addWorker()));
  const isDone = async () => (await getQueueInfo(f.db)).completed === 80;
  const work = workers.map(async (worker) => {
    while (!(await isDone())) {
      for (const { jobId, attempt } of await f.claim(worker, { limit: 2 })) {
        await completeJob(f.db, { jobId, attempt, ...DONE });
      }
    }
  });
  for (let round = 0; !(await isDone()); round++) {
    await setQueue(f.db, { name: 'default', concurrencyLimit: limits[round % limits.length] ?? null });
  }
  await Promise.all(work);
  await setQueue(f.db, { name: 'default', concurrencyLimit: 2 });
  expect(await f.slots()).toEqual([
    { slot_number: 1, job_id: null },
    { slot_number: 2, job_id: null },
  ]);
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
    await completeJob(f.db, { jobId: running[ended]?.jobId ?? '', attempt: 1, ...DONE });
    expect(await f.claim(worker, { limit: 6 })).toHaveLength(mayClaim);
  }
});

test('a job claimed at the moment its queue gets a limit counts too', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  await f.submit();
  await f.submit();
  const limited = await withTransaction(f.db, async (db) => {
    expect(await claimJobs(db, { workerId: worker, limit: 1, leaseMs: 60_000 })).toHaveLength(1);
    const waits = setQueue(f.db, { name: 'default', concurrencyLimit: 1 });
    await f.untilBlocked(1);
    return { waits };
  });
  await limited.waits;
  expect(await f.claim(worker)).toEqual([]);
});

test('a slot that is handed over while its job ends is not lost', async () => {
  await using f = await createFixture();
  await f.setLimit(2);
  const worker = await f.addWorker();
  for (let i = 0; i < 3; i++) await f.submit();
  const [first, second] = await f.claim(worker, { limit: 2 });
  await f.setLimit(1);
  // Completing the first hands its slot to the second, whose own slot is above the limit, as the second ends.
  const ending = await withTransaction(f.db, async (db) => {
    await completeJob(db, { jobId: first?.jobId ?? '', attempt: 1, ...DONE });
    const secondEnds = completeJob(f.db, { jobId: second?.jobId ?? '', attempt: 1, ...DONE });
    await f.untilBlocked(1);
    return { secondEnds };
  });
  await ending.secondEnds;
  expect(await f.slots()).toEqual([{ slot_number: 1, job_id: null }]);
  expect(await f.claim(worker)).toHaveLength(1);
});

test('a claim that finds its queue full hides no job from others', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  await f.submit();
  const waiting = await f.submit();
  await f.claim(worker);
  await withTransaction(f.db, async (db) => {
    expect(await claimJobs(db, { workerId: worker, limit: 1, leaseMs: 60_000 })).toEqual([]);
    const { rows } = await f.db.query(
      'select id from public.automation_jobs where id = $1 for update skip locked',
      [waiting],
    );
    expect(rows).toHaveLength(1);
  });
});

test('a claim that loses the last slot in a race calls the others again', async () => {
  await using f = await createFixture();
  const [one, other] = [await f.addWorker(), await f.addWorker()];
  await f.submit();
  await f.submit();
  await using heard = await f.listen('gantry_jobs');
  await withTransaction(f.db, async (db) => {
    await claimJobs(db, { workerId: one, limit: 1, leaseMs: 60_000 });
    // The slot looks free here, but is locked; meanwhile this claim hides the second job.
    expect(await f.claim(other)).toEqual([]);
  });
  await expect.poll(() => heard.payloads).toEqual(['default']);
});

test('jobs whose time has come and that this claim cannot take are announced to others', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  for (let i = 0; i < 3; i++) await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await f.db.query('update public.automation_jobs set run_at = now()');
  await using heard = await f.listen('gantry_jobs');
  expect(await f.claim(worker)).toHaveLength(1);
  await expect.poll(() => heard.payloads).toEqual(['default']);
});
