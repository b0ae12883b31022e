import pg from 'pg';
import { expect, test } from 'vitest';

import {
  cancelJob,
  claimJobs,
  completeJob,
  drainWorker,
  getJob,
  heartbeat,
  LeaseLostError,
  listWorkers,
  openWorkerSession,
  rescueJobs,
  stopWorker,
} from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const DONE = { summary: null, resultTtlMs: 60_000, browser: {} };
const NO_GRACE = { sessionGraceMs: -1 };

const openSession = (f: Fixture, sessionKey: number, onLost = () => {}) =>
  openWorkerSession({
    databaseUrl: f.database.databaseUrl,
    applicationName: `session ${sessionKey}`,
    sessionKey,
    onJobs: () => {},
    onCancel: () => {},
    onLost,
  });

const statusOf = async (f: Fixture, workerId: string) =>
  (await listWorkers(f.db)).find(({ id }) => id === workerId)?.status;

test('a job whose lease has ended goes to another worker; the attempt counts', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await f.endLease(jobId);
  expect(await rescueJobs(f.db)).toEqual([{ jobId, outcome: 'rescued' }]);
  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'pending',
    cause: { code: 'worker_lost' },
    attemptsUsed: 1,
  });
  const other = await f.addWorker();
  expect(await f.claim(other)).toMatchObject([{ jobId, attempt: 2 }]);
  await expect(completeJob(f.db, { jobId, attempt: 1, ...DONE })).rejects.toBeInstanceOf(LeaseLostError);
});

test('a worker that dies before its claim is committed has claimed nothing', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  const client = await f.db.connect();
  const lost = new Promise((resolve) => client.once('error', resolve));
  const { rows } = await client.query('select pg_backend_pid() as pid');
  await client.query('begin');
  expect(await claimJobs(client, { workerId: worker, limit: 1, leaseMs: 60_000 })).toHaveLength(1);
  await f.asOwner('select pg_terminate_backend($1, 10000)', [rows[0].pid]);
  await lost;
  client.release(true);

  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'pending',
    attempt: 0,
    attemptsUsed: 0,
    eventSeq: 1,
  });
  expect(await f.claim(worker)).toMatchObject([{ jobId, attempt: 1 }]);
});

test('after the last attempt the job has failed', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: 1 });
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await f.endLease(jobId);
  expect(await rescueJobs(f.db)).toEqual([{ jobId, outcome: 'failed' }]);
  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'WORKER_LOST' },
    expiresAt: expect.any(String),
  });
});

test('a job with a valid lease is left alone', async () => {
  await using f = await createFixture();
  await using _session = await openSession(f, 7);
  const worker = await f.addWorker({ sessionKey: 7 });
  await f.submit();
  await f.claim(worker);
  expect(await rescueJobs(f.db, NO_GRACE)).toEqual([]);
});

test('many rescuers at once rescue each job once', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const worker = await f.addWorker();
  for (let i = 0; i < 10; i++) await f.submit();
  for (const { jobId } of await f.claim(worker, { limit: 10 })) await f.endLease(jobId);
  const rescued = (await Promise.all(Array.from({ length: 8 }, () => rescueJobs(f.db)))).flat();
  expect(rescued).toHaveLength(10);
  expect(new Set(rescued.map(({ jobId }) => jobId)).size).toBe(10);
});

test('a worker whose database connection was killed is noticed long before its lease ends', async () => {
  await using f = await createFixture();
  // A session as openWorkerSession makes it, but of a process that does not come back.
  const session = new pg.Client({ connectionString: f.database.databaseUrl });
  session.on('error', () => {});
  await session.connect();
  const { rows } = await session.query(
    'select pg_advisory_lock(gantry.session_lock_class(), 7), pg_backend_pid() as pid',
  );
  const worker = await f.addWorker({ sessionKey: 7 });
  const jobId = await f.submit();
  await f.claim(worker);
  await rescueJobs(f.db, NO_GRACE);
  expect(await statusOf(f, worker)).toBe('active');

  await f.asOwner('select pg_terminate_backend($1, 10000)', [rows[0].pid]);
  // The first look only notices that the session is gone; the grace begins here.
  expect(await rescueJobs(f.db, { sessionGraceMs: 60_000 })).toEqual([]);
  expect(await rescueJobs(f.db, { sessionGraceMs: 60_000 })).toEqual([]);
  expect(await statusOf(f, worker)).toBe('active');
  expect(await rescueJobs(f.db, NO_GRACE)).toEqual([{ jobId, outcome: 'rescued' }]);
  expect(await statusOf(f, worker)).toBe('lost');
  await expect(heartbeat(f.db, { workerId: worker, held: [], leaseMs: 1000 })).rejects.toMatchObject({
    code: 'WORKER_UNKNOWN',
  });
});

test('a session that comes back in time costs nothing', async () => {
  await using f = await createFixture();
  const lost = Promise.withResolvers<void>();
  await using session = await openSession(f, 7, lost.resolve);
  const worker = await f.addWorker({ sessionKey: 7 });
  await f.submit();
  await f.claim(worker);
  await f.asOwner(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'session 7'`,
  );
  await lost.promise;
  await rescueJobs(f.db, { sessionGraceMs: 60_000 });
  await expect.poll(() => session.isConnected).toBe(true);
  expect(await rescueJobs(f.db, { sessionGraceMs: 60_000 })).toEqual([]);
  expect(await rescueJobs(f.db, NO_GRACE)).toEqual([]);
  expect(await statusOf(f, worker)).toBe('active');
});

test('a worker that says it lives, while only its session is gone, keeps its jobs', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await rescueJobs(f.db);
  await heartbeat(f.db, { workerId: worker, held: [{ jobId, attempt: 1 }], leaseMs: 60_000 });
  expect(await rescueJobs(f.db, NO_GRACE)).toEqual([]);
  expect(await statusOf(f, worker)).toBe('active');
});

test('a worker that has said nothing for very long is given up, whatever its session says', async () => {
  await using f = await createFixture();
  await using _session = await openSession(f, 7);
  const worker = await f.addWorker({ sessionKey: 7 });
  await f.asOwner(`update public.automation_workers set heartbeat_at = now() - interval '11 minutes'`);
  await rescueJobs(f.db);
  expect(await statusOf(f, worker)).toBe('lost');
});

test('what a stopped worker left behind is rescued', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await drainWorker(f.db, worker);
  await stopWorker(f.db, worker);
  expect(await rescueJobs(f.db)).toEqual([{ jobId, outcome: 'rescued' }]);
});

test('the slot of a cancelled attempt whose worker never answers is free when its lease would have ended', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
  await rescueJobs(f.db);
  const waiting = await f.submit();
  expect(await f.claim(worker)).toEqual([]);
  await f.asOwner(`update gantry.lingering_attempts set held_until = now() - interval '1 second'`);
  await using heard = await f.listen('gantry_jobs');
  await rescueJobs(f.db);
  await expect.poll(() => heard.payloads).toEqual(['default']);
  expect((await f.claim(worker)).map((job) => job.jobId)).toEqual([waiting]);
});

test('a rescued job and a job whose time has come are announced', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(worker);
  await f.endLease(jobId);
  await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await f.publish({ id: 'elsewhere', queue: 'other' });
  await f.submit({ serviceId: 'elsewhere', runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await f.asOwner(
    `update public.automation_jobs set run_at = now() where queue_name = 'other' and status = 'pending'`,
  );
  await using heard = await f.listen('gantry_jobs');
  await rescueJobs(f.db);
  await expect.poll(() => heard.payloads.toSorted()).toEqual(['default', 'other']);
});

test('a heartbeat renews the leases of what is held, and tells what is not', async () => {
  await using f = await createFixture();
  await f.setLimit(3);
  const worker = await f.addWorker();
  const [kept, cancelled, expired] = [await f.submit(), await f.submit(), await f.submit()];
  await f.claim(worker, { limit: 3, leaseMs: 60_000 });
  await cancelJob(f.db, { jobId: cancelled, reason: 'cancelled_by_owner' });
  await f.endLease(expired);
  const figures = () =>
    f.db.query(
      `select j.lease_expires_at, l.held_until from public.automation_jobs j
       left join gantry.lingering_attempts l on l.job_id = j.id order by array_position($1, j.id)`,
      [[kept, cancelled, expired]],
    );
  const { rows: before } = await figures();
  const lost = await heartbeat(f.db, {
    workerId: worker,
    held: [kept, cancelled, expired].map((jobId) => ({ jobId, attempt: 1 })),
    leaseMs: 600_000,
  });
  expect(lost.toSorted((a, b) => a.jobId.localeCompare(b.jobId))).toEqual(
    [cancelled, expired].toSorted().map((jobId) => ({ jobId, attempt: 1 })),
  );
  const { rows: after } = await figures();
  expect(after[0].lease_expires_at - before[0].lease_expires_at).toBeGreaterThan(500_000);
  expect(after.slice(1)).toEqual(before.slice(1));
});
