import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, GantryApiError, type GantryClient, type JobEvent } from '../src/index.ts';
import { openBreakableDoor } from './breakable-door.ts';
import { claimByHand } from './run-by-hand.ts';

let api: Api;
let token: string;
beforeAll(async () => {
  api = await startApi();
  ({ token } = await api.newUser());
});
afterAll(() => api[Symbol.asyncDispose]());

const clientOf = (url = api.url) => createGantryClient({ url, getToken: () => token });
const submit = async (gantry: GantryClient) =>
  (await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } })).jobId;

/** Watches in the background and keeps what comes. */
function record(gantry: GantryClient, jobId: string, signal?: AbortSignal) {
  const events: JobEvent[] = [];
  const connections: string[] = [];
  const end = (async () => {
    const onConnection = (state: string) => void connections.push(state);
    for await (const event of gantry.jobs.watch(jobId, { onConnection, signal })) events.push(event);
  })();
  return { events, connections, end };
}

const numbersUpTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('a connection that breaks again and again misses nothing and repeats nothing', async () => {
  using door = await openBreakableDoor(api.url);
  const gantry = clientOf(door.url);
  const watch = record(gantry, await submit(gantry));
  const job = await claimByHand(api);
  for (let index = 0; index < 12; index++) {
    await job.row(index);
    if (index % 4 === 3) {
      // Broken while events have arrived and more are on their way.
      await expect.poll(() => watch.events.length).toBeGreaterThan(index / 2);
      door.breakAll();
    }
  }
  await job.complete();
  await watch.end;
  expect(watch.events.map(({ seq }) => seq)).toEqual(numbersUpTo(15));
  expect(watch.events.at(-1)).toMatchObject({ type: 'state', data: { to: 'completed' } });
  expect(watch.connections).toContain('reconnecting');
});

test('a connection that falls silent is noticed and made again', async () => {
  using door = await openBreakableDoor(api.url);
  const watch = record(clientOf(door.url), await submit(clientOf()));
  const job = await claimByHand(api);
  await expect.poll(() => watch.events.length).toBe(2);
  door.freezeAll();
  await job.row(0);
  await job.complete();
  await watch.end;
  expect(watch.events.map(({ seq }) => seq)).toEqual(numbersUpTo(4));
});

test('a server that accepts the request for events and answers nothing is asked again', async () => {
  using door = await openBreakableDoor(api.url);
  const gantry = createGantryClient({ url: door.url, getToken: () => token, queryTimeoutMs: 2_000 });
  const jobId = await submit(clientOf());
  door.setSilent(true);
  const watch = record(gantry, jobId);
  await expect.poll(() => watch.connections).toContain('reconnecting');
  expect(watch.connections).not.toContain('live');
  door.setSilent(false);
  await (await claimByHand(api)).complete();
  await watch.end;
  expect(watch.events.map(({ seq }) => seq)).toEqual(numbersUpTo(3));
});

test('a server that cannot be reached for a while is waited for', async () => {
  using door = await openBreakableDoor(api.url);
  door.setClosed(true);
  const watch = record(clientOf(door.url), await submit(clientOf()));
  await expect.poll(() => watch.connections).toContain('reconnecting');
  expect(watch.connections).not.toContain('live');
  door.setClosed(false);
  await (await claimByHand(api)).complete();
  await watch.end;
  expect(watch.events.map(({ seq }) => seq)).toEqual(numbersUpTo(3));
});

test('goes on after an event that the caller has already', async () => {
  const gantry = clientOf();
  const jobId = await submit(gantry);
  await gantry.jobs.cancel(jobId);
  const seqs: number[] = [];
  for await (const { seq } of gantry.jobs.watch(jobId, { afterSeq: 1 })) seqs.push(seq);
  expect(seqs).toEqual([2]);
  for await (const { seq } of gantry.jobs.watch(jobId, { afterSeq: 2 })) seqs.push(seq);
  expect(seqs).toEqual([2]);
});

test('ends when it is told to, also between events', async () => {
  const gantry = clientOf();
  const jobId = await submit(gantry);
  const abort = new AbortController();
  const watch = record(gantry, jobId, abort.signal);
  await expect.poll(() => watch.events.length).toBe(1);
  abort.abort();
  await watch.end;
  await gantry.jobs.cancel(jobId);
  expect(watch.events).toHaveLength(1);
});

test('does not begin when it has been told to end', async () => {
  const gantry = clientOf();
  const jobId = await submit(gantry);
  const watch = record(gantry, jobId, AbortSignal.abort());
  await watch.end;
  expect(watch.connections).toEqual([]);
  await gantry.jobs.cancel(jobId);
});

test('gives up its connection when the loop is left', async () => {
  using door = await openBreakableDoor(api.url);
  const gantry = clientOf(door.url);
  const jobId = await submit(gantry);
  // The API lets nobody watch more than 20 at once.
  for (let count = 0; count < 30; count++) {
    for await (const event of gantry.jobs.watch(jobId)) {
      expect(event.seq).toBe(1);
      break;
    }
  }
  await gantry.jobs.cancel(jobId);
});

test('asks for a fresh token after a refusal, once', async () => {
  const tokens = ['stale', token, 'stale', 'stale'];
  const asked: string[] = [];
  const moody = createGantryClient({
    url: api.url,
    getToken() {
      const next = tokens.shift() ?? 'none';
      asked.push(next);
      return next;
    },
  });
  const jobId = await submit(clientOf());
  for await (const event of moody.jobs.watch(jobId)) {
    expect(event.seq).toBe(1);
    break;
  }
  expect(asked).toEqual(['stale', token]);
  await expect(record(moody, jobId).end).rejects.toMatchObject({ code: 'TOKEN_INVALID', status: 401 });
  expect(tokens).toEqual([]);
  await clientOf().jobs.cancel(jobId);
});

test('a job that is not there is an error', async () => {
  await expect(record(clientOf(), randomUUID()).end).rejects.toBeInstanceOf(GantryApiError);
  await expect(record(clientOf(), randomUUID()).end).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

test('one stream too many waits until another has ended', async () => {
  const gantry = clientOf();
  const jobId = await submit(gantry);
  const abort = new AbortController();
  const watches = Array.from({ length: 20 }, () => record(gantry, jobId, abort.signal));
  await expect.poll(() => watches.every(({ events }) => events.length === 1)).toBe(true);
  const late = record(gantry, jobId);
  await expect.poll(() => late.connections).toContain('reconnecting');
  expect(late.events).toEqual([]);
  abort.abort();
  await Promise.all(watches.map(({ end }) => end));
  await gantry.jobs.cancel(jobId);
  await late.end;
  expect(late.events).toHaveLength(2);
});
