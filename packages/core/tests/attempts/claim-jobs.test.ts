import { expect, test } from 'vitest';

import {
  completeJob,
  drainWorker,
  getJob,
  listRunningAttempts,
  setQueue,
  submitJobs,
  withTransaction,
} from '../../src/index.ts';
import { createFixture, END } from '../fixture.ts';

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

test('a worker can ask which attempts are assigned to it, and to no other', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const [worker, other] = [await f.addWorker(), await f.addWorker()];
  const jobId = await f.submit();
  await f.claim(worker);
  expect(await listRunningAttempts(f.db, worker)).toEqual([{ jobId, attempt: 1 }]);
  expect(await listRunningAttempts(f.db, other)).toEqual([]);
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
  await f.asOwner(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
  expect(await f.claim(worker)).toHaveLength(1);
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
          await completeJob(f.db, { jobId: job.jobId, attempt: job.attempt, summary: null, ...END });
          share.push(job.jobId);
        }
      }
    }),
  );
  expect(shares.flat()).toHaveLength(200);
  expect(new Set(shares.flat()).size).toBe(200);
});

test('jobs whose time has come and that this claim cannot take are announced to others', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  for (let i = 0; i < 3; i++) await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await f.asOwner('update public.automation_jobs set run_at = now()');
  await using heard = await f.listen('gantry_jobs');
  expect(await f.claim(worker)).toHaveLength(1);
  await expect.poll(() => heard.payloads).toEqual(['default']);
});

test('however many jobs a claim takes, each is told of, and no notification is too long', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 500 }, () => job),
  );
  await using heard = await f.listen('gantry_events');
  const claimed = (await f.claim(await f.addWorker(), { limit: 500 })).map(({ jobId }) => jobId);
  expect(claimed).toHaveLength(500);
  await expect
    .poll(() => heard.payloads.flatMap((payload) => payload.split(',')).toSorted())
    .toEqual(claimed.toSorted());
  // Postgres refuses 8,000 bytes, and with them the whole statement.
  for (const payload of heard.payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
});

test('a job whose row somebody holds is passed by, and its turn is the next one', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const [held, next] = [await f.submit(), await f.submit()];
  const worker = await f.addWorker();
  await withTransaction(f.db, async (holder) => {
    await holder.query('set local role postgres');
    await holder.query('select from public.automation_jobs where id = $1 for update', [held]);
    expect(await f.claim(worker, { limit: 2 })).toMatchObject([{ jobId: next }]);
  });
  expect(await f.claim(worker, { limit: 2 })).toMatchObject([{ jobId: held }]);
});

test('jobs that were truncated away stand in no line', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  await f.submit();
  await f.asOwner('truncate public.automation_jobs cascade');
  expect(await f.claim(worker)).toEqual([]);
  const jobId = await f.submit();
  expect(await f.claim(worker)).toMatchObject([{ jobId }]);
});
