import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { appendEvents, claimJobs, completeJob, type NewJobEvent, submitJob } from '@gantry/core';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { type Api, startApi } from './fixture.ts';
import { openRaw } from './raw-http.ts';

type User = Awaited<ReturnType<Api['newUser']>>;

let api: Api;
let user: User;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  await api.pool.query('update public.automation_queues set concurrency_limit = null');
});
afterAll(() => api[Symbol.asyncDispose]());

/** A running job, and what a worker would report of it. */
async function startJob(owner = user) {
  const { jobId } = await submitJob(api.pool, { userId: owner.id, serviceId: 'no-file', input: { n: 1 } });
  const workerId = await api.addWorker(['no-file']);
  await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
  const attempt = { jobId, attempt: 1 };
  return {
    jobId,
    say: (...events: NewJobEvent[]) => appendEvents(api.pool, { ...attempt, events }),
    complete: () => completeJob(api.pool, { ...attempt, summary: null, resultTtlMs: 60_000, browser: {} }),
  };
}

const step = (name: string): NewJobEvent => ({ type: 'step', data: { name } });

const pathOf = (input: unknown) => `/api/trpc/jobs.watch?input=${encodeURIComponent(JSON.stringify(input))}`;

function open(
  input: unknown,
  o: { token?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  return fetch(`${api.url}${pathOf(input)}`, {
    headers: { authorization: `Bearer ${o.token ?? user.token}`, ...o.headers },
    signal: o.signal ?? null,
  });
}

/** The messages of a stream that has ended, by their fields. */
function parse(text: string): Record<string, string>[] {
  const messages = text.split('\n\n').filter((message) => message !== '');
  return messages.map((message) =>
    Object.fromEntries(message.split('\n').map((line) => line.split(/: ?(.*)/s))),
  );
}

const idsOf = (text: string) => parse(text).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('a stream says how to treat it, then each event under its number, then that it has ended', async () => {
  const job = await startJob();
  await job.complete();
  const response = await open({ jobId: job.jobId });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': expect.any(String),
    'x-content-type-options': 'nosniff',
  });
  const [first, ...events] = parse(await response.text());
  const last = events.pop();
  expect(first).toEqual({ event: 'connected', data: '{"reconnectAfterInactivityMs":40000}' });
  expect(events.map(({ id, data = '' }) => [id, JSON.parse(data)])).toEqual([
    ['1', expect.objectContaining({ jobId: job.jobId, seq: 1, type: 'state' })],
    ['2', expect.objectContaining({ jobId: job.jobId, seq: 2, type: 'state' })],
    ['3', expect.objectContaining({ jobId: job.jobId, seq: 3, type: 'state' })],
  ]);
  expect(last).toEqual({ event: 'return', data: '' });
});

test('goes on after the number that the client has, however it says so', async () => {
  const job = await startJob();
  await job.complete();
  const { jobId } = job;
  const answers = await Promise.all([
    open({ jobId, afterSeq: 2 }),
    open({ jobId, lastEventId: '2' }),
    open({ jobId, afterSeq: 1 }, { headers: { 'last-event-id': '2' } }),
    fetch(`${api.url}${pathOf({ jobId })}&lastEventId=2`, {
      headers: { authorization: `Bearer ${user.token}` },
    }),
  ]);
  for (const answer of answers) expect(idsOf(await answer.text())).toEqual([3]);
});

test.each([
  ['no input at all', '', 'INPUT_INVALID'],
  ['input that is no JSON', '?input=%7B', 'BAD_REQUEST'],
  ['input that is no object', '?input=7', 'BAD_REQUEST'],
  ['two inputs', '?input=%7B%7D&input=%7B%7D', 'INPUT_INVALID'],
  ['a job that can be none', '?input=%7B%22jobId%22%3A%22x%22%7D', 'INPUT_INVALID'],
])('%s is refused in words', async (_, query, code) => {
  const response = await fetch(`${api.url}/api/trpc/jobs.watch${query}`, {
    headers: { authorization: `Bearer ${user.token}` },
  });
  const refusal = parse(await response.text()).at(-1);
  expect(refusal?.['event']).toBe('serialized-error');
  expect(JSON.parse(refusal?.['data'] ?? '')).toMatchObject({
    message: expect.stringMatching(/\.$/),
    data: { code, httpStatus: 400, requestId: response.headers.get('x-request-id') },
  });
});

test('a job of somebody else, or of nobody, is not there', async () => {
  const { jobId } = await startJob(await api.newUser());
  for (const id of [jobId, crypto.randomUUID()]) {
    const refusal = parse(await (await open({ jobId: id })).text()).at(-1);
    expect(JSON.parse(refusal?.['data'] ?? '')).toMatchObject({ data: { code: 'JOB_NOT_FOUND' } });
  }
});

test('a client that never reads fills no memory, holds up nobody, and is cut off', async () => {
  const job = await startJob();
  const atServer: Socket[] = [];
  const onConnection = (socket: Socket) => void atServer.push(socket);
  api.app.server.on('connection', onConnection);
  const { timeout } = api.app.server;
  api.app.server.timeout = 1_000;
  using sleeper = await openRaw(api.url);
  await expect.poll(() => atServer.length).toBe(1);
  api.app.server.off('connection', onConnection).timeout = timeout;
  sleeper.socket.write(
    `GET ${pathOf({ jobId: job.jobId })} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${user.token}\r\n\r\n`,
  );
  await expect.poll(() => sleeper.received()).toContain('id: 2');
  sleeper.socket.pause();
  const reader = await open({ jobId: job.jobId });
  const read = reader.text();

  // More than any buffer of the system takes.
  const text = 'x'.repeat(50_000);
  let most = 0;
  for (let n = 0; n < 400; n++) {
    await job.say({ type: 'log', data: { level: 'info', message: `${n} ${text}` } });
    most = Math.max(most, atServer[0]?.writableLength ?? 0);
  }
  await job.complete();
  expect(idsOf(await read)).toEqual(upTo(403));
  expect(most).toBeLessThan(500_000);
  await expect.poll(() => atServer[0]?.destroyed).toBe(true);
  await expect.poll(() => api.hub.watcherCount).toBe(0);
});

test('streams that come and go leave nothing behind', async () => {
  const job = await startJob();
  const listeners = () => getEventListeners(api.stopping.signal, 'abort').length;
  const before = listeners();
  for (let round = 0; round < 10; round++) {
    const leave = new AbortController();
    const streams = await Promise.all(
      upTo(20).map(() => open({ jobId: job.jobId }, { signal: leave.signal })),
    );
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    // Some before they have read anything, some in the middle.
    if (round % 2 === 0) await expect.poll(() => api.hub.watcherCount).toBe(20);
    leave.abort();
    await Promise.allSettled(streams.map((stream) => stream.text()));
    await expect.poll(() => [api.hub.watcherCount, listeners()]).toEqual([0, before]);
  }
});

test('a client that has gone before its stream begins is let go of at once', async () => {
  const job = await startJob();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const { verifyToken, userLimits } = api.deps;
  using _verify = vi.spyOn(api.deps, 'verifyToken').mockImplementation(async (authorization) => {
    asked.resolve();
    await answered.promise;
    return verifyToken(authorization);
  });
  const left = Promise.withResolvers<void>();
  const enter = userLimits.enter.bind(userLimits);
  using _enter = vi.spyOn(userLimits, 'enter').mockImplementation((...place) => {
    const taken = enter(...place);
    return { [Symbol.dispose]: () => (taken[Symbol.dispose](), left.resolve()) };
  });
  using client = await openRaw(api.url);
  const connected = once(api.app.server, 'request');
  client.socket.write(
    `GET ${pathOf({ jobId: job.jobId })} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${user.token}\r\n\r\n`,
  );
  const [, response]: ServerResponse[] = await connected;
  await asked.promise;
  client.socket.destroy();
  await once(response ?? expect.unreachable(), 'close');
  answered.resolve();
  await left.promise;
  expect(api.hub.watcherCount).toBe(0);
});

test('a storm of streams leaves connections for others, and each gets everything', async () => {
  const job = await startJob();
  await job.say(...upTo(50).map((n) => step(`step ${n}`)));
  const admins = await Promise.all(upTo(5).map(() => api.newUser(true)));
  const streams = admins.flatMap(({ token }) => upTo(20).map(() => open({ jobId: job.jobId }, { token })));
  const texts = Promise.all(streams.map(async (stream) => (await stream).text()));
  await expect.poll(() => api.hub.watcherCount).toBe(100);
  expect(api.pool.totalCount - api.pool.idleCount).toBeLessThanOrEqual(5);
  await job.complete();
  for (const text of await texts) expect(idsOf(text)).toEqual(upTo(53));
});

test('an admin who is none any more sees nothing', async () => {
  const { jobId, complete } = await startJob();
  await complete();
  const admin = await api.newUser(true);
  expect(idsOf(await (await open({ jobId }, { token: admin.token })).text())).toEqual([1, 2, 3]);
  const owner = new pg.Client({ connectionString: api.database.authDatabaseUrl });
  await owner.connect();
  await owner.query(`update auth.users set raw_app_meta_data = '{}' where id = $1`, [admin.id]);
  await owner.end();
  expect(await (await open({ jobId }, { token: admin.token })).text()).toContain('JOB_NOT_FOUND');
});

test.each([
  ['the session ends', 'delete from auth.sessions where user_id = $1'],
  ['the user is banned', `update auth.users set banned_until = now() + interval '1 day' where id = $1`],
  ['the account is deleted', 'delete from auth.users where id = $1'],
])('an open stream ends when %s, and nothing more is read with its token', async (_what, statement) => {
  await using quick = await startApi({ streamRecheckMs: 100 });
  const viewer = await quick.newUser();
  const { jobId } = await submitJob(quick.pool, { userId: viewer.id, serviceId: 'no-file', input: { n: 1 } });
  const headers = { authorization: `Bearer ${viewer.token}` };
  const stream = await fetch(`${quick.url}${pathOf({ jobId })}`, { headers });
  const text = stream.text();
  await expect.poll(() => quick.hub.watcherCount).toBe(1);
  const owner = new pg.Client({ connectionString: quick.database.authDatabaseUrl });
  await owner.connect();
  await owner.query(statement, [viewer.id]);
  await owner.end();
  expect(idsOf(await text)).toEqual([1]);
  for (const path of ['/api/queue/info', `/api/queue/status/${jobId}`, `/api/queue/user/${viewer.id}`]) {
    const answer = await fetch(`${quick.url}${path}`, { headers });
    expect(await answer.text()).toContain('SESSION_ENDED');
    expect(answer.status).toBe(401);
  }
});
