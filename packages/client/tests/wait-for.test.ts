import { once } from 'node:events';
import { createServer, request } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, type GantryClient } from '../src/index.ts';
import { openBreakableDoor } from './breakable-door.ts';
import { claimByHand } from './run-by-hand.ts';

let api: Api;
let token: string;
let gantry: GantryClient;
beforeAll(async () => {
  api = await startApi();
  ({ token } = await api.newUser());
  gantry = createGantryClient({ url: api.url, getToken: () => token });
});
afterAll(() => api[Symbol.asyncDispose]());

const submit = async () => (await gantry.jobs.submit({ serviceId: 'no-file', input: { n: 1 } })).jobId;

test('resolves with the job when it has finished', async () => {
  const finished = gantry.jobs.waitFor(await submit(), { timeoutMs: 60_000 });
  const job = await claimByHand(api);
  await job.row(0);
  await job.complete();
  expect(await finished).toMatchObject({ status: 'completed' });
});

test('resolves at once for a job that had finished before, whatever its end', async () => {
  const jobId = await submit();
  await (await claimByHand(api)).fail();
  expect(await gantry.jobs.waitFor(jobId)).toMatchObject({
    status: 'failed',
    error: { code: 'INPUT_WRONG' },
  });
});

test('a job that failed and was retried is waited for until its new end', async () => {
  const jobId = await submit();
  await (await claimByHand(api)).fail();
  await gantry.jobs.retry(jobId);
  const finished = gantry.jobs.waitFor(jobId);
  await (await claimByHand(api)).complete();
  expect(await finished).toMatchObject({ status: 'completed' });
});

test('bears that the server cannot be reached, at its start and at its end', async () => {
  using door = await openBreakableDoor(api.url);
  door.setClosed(true);
  const distant = createGantryClient({ url: door.url, getToken: () => token });
  const finished = distant.jobs.waitFor(await submit());
  const job = await claimByHand(api);
  await expect.poll(door.refusals).toBeGreaterThan(0);
  door.setClosed(false);
  await expect.poll(door.connections).toBeGreaterThan(1);
  const refusals = door.refusals();
  door.setClosed(true);
  door.breakAll();
  await job.complete();
  await expect.poll(door.refusals).toBeGreaterThan(refusals);
  door.setClosed(false);
  expect(await finished).toMatchObject({ status: 'completed' });
});

test('bears limits and a busy server from its first request on, and comes back when it is told to', async () => {
  const { port, hostname } = new URL(api.url);
  const refusals: [number, object][] = [
    [429, { 'retry-after': '1' }],
    [503, {}],
    [429, { 'retry-after': new Date(Date.now() + 1_000).toUTCString() }],
  ];
  const times: number[] = [];
  const server = createServer((incoming, outgoing) => {
    times.push(performance.now());
    const [status, headers] = refusals.shift() ?? [];
    if (status === undefined) {
      const { url: path, method, headers: sent } = incoming;
      const forwarded = request({ port, hostname, path, method, headers: sent }, (answer) => {
        answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers));
      });
      incoming.pipe(forwarded.on('error', () => outgoing.destroy()));
    } else {
      const error = { code: 'RATE_LIMITED', message: 'Later.', requestId: 'x' };
      outgoing.writeHead(status, { ...headers, 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error }));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const busy = createGantryClient({ url: `http://127.0.0.1:${address.port}`, getToken: () => token });
  const jobId = await submit();
  const finished = busy.jobs.waitFor(jobId);
  await expect.poll(() => refusals).toEqual([]);
  await (await claimByHand(api)).complete();
  expect(await finished).toMatchObject({ id: jobId, status: 'completed' });
  // Never before the server wanted.
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  server.closeAllConnections();
  server.close();
});

test('rejects when its time is over, and when it is aborted', async () => {
  const jobId = await submit();
  await expect(gantry.jobs.waitFor(jobId, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
  const abort = new AbortController();
  const waiting = gantry.jobs.waitFor(jobId, { signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toBe(abort.signal.reason);
  await gantry.jobs.cancel(jobId);
  // Who has stopped waiting is told so, also when there is nothing to wait for.
  await expect(gantry.jobs.waitFor(jobId, { signal: abort.signal })).rejects.toBe(abort.signal.reason);
});
