import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, GantryApiError, type GantryClient } from '../src/index.ts';

let api: Api;
let token: string;
let gantry: GantryClient;
beforeAll(async () => {
  api = await startApi();
  ({ token } = await api.newUser());
  gantry = createGantryClient({ url: api.url, getToken: () => token });
});
afterAll(() => api[Symbol.asyncDispose]());

/** The error of a call, as what programs look at. */
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof GantryApiError ? [error.status, error.code] : error),
  );
const fileOf = (size: number) => ({ name: 'x.csv', data: new Blob([new Uint8Array(size).fill(65)]) });

test('each refusal has its status and its stable code', async () => {
  expect(await refusal(gantry.jobs.status(randomUUID()))).toEqual([404, 'JOB_NOT_FOUND']);
  expect(await refusal(gantry.jobs.list({ cursor: 'x' }))).toEqual([400, 'CURSOR_INVALID']);
  expect(await refusal(gantry.admin.workers())).toEqual([403, 'FORBIDDEN']);
  expect(await refusal(gantry.jobs.download(randomUUID()))).toEqual([404, 'ARTIFACT_NOT_FOUND']);
  const file = { name: 'x.csv', data: new Blob(['Name\nAda\n']) };
  expect(await refusal(gantry.jobs.submit({ serviceId: 'ctg-port-tracking', file }))).toEqual([
    422,
    'COLUMN_NOT_FOUND',
  ]);
});

test('a refusal names its request and says what to do', async () => {
  const error = await gantry.jobs.status(randomUUID()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    message: expect.stringMatching(/\.$/),
  });
});

test('an upload that is refused before it has ended is a refusal, not a broken connection', async () => {
  const strangers = createGantryClient({ url: api.url, getToken: () => 'stale' });
  for (const size of [10, 8_000_000]) {
    const file = fileOf(size);
    expect(await refusal(strangers.jobs.submit({ serviceId: 'ctg-port-tracking', file }))).toEqual([
      401,
      'TOKEN_INVALID',
    ]);
  }
  await using small = await startApi({ maxUploadBytes: 1_000_000 });
  const user = await small.newUser();
  const strict = createGantryClient({ url: small.url, getToken: () => user.token });
  expect(
    await refusal(strict.jobs.submit({ serviceId: 'ctg-port-tracking', file: fileOf(8_000_000) })),
  ).toEqual([413, 'FILE_TOO_LARGE']);
});

test('nobody signed in', async () => {
  const nobody = createGantryClient({ url: api.url, getToken: () => null });
  expect(await refusal(nobody.queue.info())).toEqual([401, 'TOKEN_MISSING']);
});

test('what stands before the procedures refuses in words as well', async () => {
  await using busy = await startApi({ requestsPerMinute: 1 });
  const user = await busy.newUser();
  const client = createGantryClient({ url: busy.url, getToken: () => user.token });
  await client.queue.info();
  expect(await refusal(client.queue.info())).toEqual([429, 'RATE_LIMITED']);
  expect(await refusal(client.jobs.download(randomUUID()))).toEqual([429, 'RATE_LIMITED']);
});

test('no answer, and an answer of something else', async () => {
  const nowhere = createGantryClient({ url: 'http://127.0.0.1:1', getToken: () => token });
  expect(await refusal(nowhere.queue.info())).toEqual([0, 'NETWORK_ERROR']);
  expect(await refusal(nowhere.jobs.download(randomUUID()))).toEqual([0, 'NETWORK_ERROR']);
  expect(await refusal(nowhere.jobs.submit({ serviceId: 'x', file: fileOf(1) }))).toEqual([
    0,
    'NETWORK_ERROR',
  ]);

  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const wrong = createGantryClient({ url: `http://127.0.0.1:${address.port}`, getToken: () => token });
  expect(await refusal(wrong.queue.info())).toEqual([502, 'UNEXPECTED_ANSWER']);
  expect(await refusal(wrong.jobs.download(randomUUID()))).toEqual([502, 'UNEXPECTED_ANSWER']);
  expect(await refusal(wrong.jobs.submit({ serviceId: 'x', file: fileOf(1) }))).toEqual([
    502,
    'UNEXPECTED_ANSWER',
  ]);
  server.close();
});

test('what getToken throws comes through as it is', async () => {
  const reason = new TypeError('The session is broken.');
  const broken = createGantryClient({ url: api.url, getToken: () => Promise.reject(reason) });
  await expect(broken.queue.info()).rejects.toBe(reason);
  await expect(broken.jobs.download(randomUUID())).rejects.toBe(reason);
  await expect(broken.jobs.submit({ serviceId: 'x', file: fileOf(1) })).rejects.toBe(reason);
  await expect(broken.jobs.watch(randomUUID()).next()).rejects.toBe(reason);
});
