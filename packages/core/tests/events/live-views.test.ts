import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  cancelJob,
  findRunning,
  type LiveRequest,
  openWorkerSession,
  requestLiveView,
  takeLiveViews,
} from '../../src/index.ts';
import { createFixture } from '../fixture.ts';

// The machine may be busy with other tests.
const MINUTE_MS = 60_000;
const URL = 'http://127.0.0.1:3001';

const requestOf = (run: { jobId: string; attempt: number }): LiveRequest & { ttlMs: number } => ({
  jobId: run.jobId,
  attempt: run.attempt,
  size: 'full',
  token: randomBytes(32).toString('base64url'),
  url: URL,
  ttlMs: MINUTE_MS,
});

test('a request is taken once, by the worker that holds the attempt', async () => {
  await using f = await createFixture();
  const run = await f.start();
  const other = await f.addWorker();
  const { ttlMs, ...request } = requestOf(run);
  await requestLiveView(f.db, { ...request, ttlMs });

  const held = [{ jobId: run.jobId, attempt: run.attempt }];
  expect(await takeLiveViews(f.db, { workerId: other, held, limit: 9 })).toEqual([]);
  expect(await takeLiveViews(f.db, { workerId: run.workerId, held: [], limit: 9 })).toEqual([]);
  const taken = await Promise.all(
    [1, 2, 3].map(() => takeLiveViews(f.db, { workerId: run.workerId, held, limit: 9 })),
  );
  expect(taken.flat()).toEqual([request]);
});

test('no more is taken than there is room for', async () => {
  await using f = await createFixture();
  const run = await f.start();
  for (const size of ['full', 'small', 'small'] as const)
    await requestLiveView(f.db, { ...requestOf(run), size });
  const take = () => takeLiveViews(f.db, { workerId: run.workerId, held: [run], limit: 2 });
  expect(await take()).toHaveLength(2);
  expect(await take()).toHaveLength(1);
});

test('what is too old, or asked of an attempt that does not run any more, is not taken', async () => {
  await using f = await createFixture();
  const run = await f.start();
  const take = () => takeLiveViews(f.db, { workerId: run.workerId, held: [run], limit: 9 });
  await requestLiveView(f.db, { ...requestOf(run), ttlMs: 0 });
  expect(await take()).toEqual([]);

  await requestLiveView(f.db, { ...requestOf(run), attempt: 2 });
  await requestLiveView(f.db, requestOf(run));
  await cancelJob(f.db, { jobId: run.jobId, reason: 'cancelled_by_owner' });
  await requestLiveView(f.db, requestOf(run));
  expect(await take()).toEqual([]);
});

test('requests that nobody took go with the next one', async () => {
  await using f = await createFixture();
  const run = await f.start();
  for (const ttlMs of [0, 0, MINUTE_MS]) await requestLiveView(f.db, { ...requestOf(run), ttlMs });
  const { rows } = await f.db.query('select count(*)::int as count from gantry.live_views');
  expect(rows).toEqual([{ count: 1 }]);
});

test('workers are told of a request, but not its secret', async () => {
  await using f = await createFixture();
  const heard: string[] = [];
  await using _session = await openWorkerSession({
    databaseUrl: f.database.databaseUrl,
    applicationName: 'test-listen',
    sessionKey: 1,
    onJobs: () => {},
    onCancel: () => {},
    onLive: (payload) => heard.push(payload),
  });
  const run = await f.start();
  await requestLiveView(f.db, requestOf(run));
  await expect.poll(() => heard).toEqual([run.jobId]);
});

test('what runs is told with the names that people know it by', async () => {
  await using f = await createFixture();
  await f.submit();
  const run = await f.start();
  const [running, ...others] = await findRunning(f.db, 10);
  expect(others).toEqual([]);
  expect(running).toEqual({
    jobId: expect.any(String),
    attempt: run.attempt,
    serviceName: expect.any(String),
    fileName: null,
    userEmail: f.user.email,
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});

test('nobody but the service role sees or asks', async () => {
  await using f = await createFixture();
  const client = await f.db.connect();
  try {
    for (const role of ['anon', 'authenticated']) {
      for (const text of ['select * from gantry.live_views', 'select * from gantry.find_running(1)']) {
        await client.query(`set role ${role}`);
        await expect(client.query(text), role).rejects.toMatchObject({ code: '42501' });
      }
    }
  } finally {
    client.release(true);
  }
});
