import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from '../../../apps/api/tests/fixture.ts';
import { createGantryClient, GantryApiError, type GantryClient } from '../src/index.ts';
import { openBreakableDoor } from './breakable-door.ts';

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
/** The errors of every kind of call. */
const refusals = async (client: GantryClient) => {
  const calls = [
    client.queue.info(),
    client.jobs.submit({ serviceId: 'x' }, { signal: new AbortController().signal }),
    client.jobs.submit({ serviceId: 'x', file: fileOf(1) }),
    client.jobs.download(randomUUID()),
  ];
  return (await Promise.all(calls.map(refusal))).map((codes) => [codes].flat().join(' '));
};
const urlOf = (server: Server) => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};
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
  const limit = await client.queue.info().catch((error: unknown) => error);
  expect(limit).toMatchObject({ retryAfterMs: expect.any(Number) });
  expect(await refusal(client.jobs.download(randomUUID()))).toEqual([429, 'RATE_LIMITED']);
});

test('no answer', async () => {
  using door = await openBreakableDoor(api.url);
  door.setClosed(true);
  const distant = createGantryClient({ url: door.url, getToken: () => token });
  expect(new Set(await refusals(distant))).toEqual(new Set(['0 NETWORK_ERROR']));
});

test('a query that a server does not answer in time fails as without one; a change is waited for', async () => {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    held.push(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createGantryClient({ url: urlOf(server), getToken: () => token, queryTimeoutMs: 50 });
  const change = refusal(client.jobs.cancel(randomUUID()));
  await once(server, 'request');
  const queries = [client.queue.info(), client.jobs.status(randomUUID()), client.jobs.list()];
  expect(await Promise.all(queries.map(refusal))).toEqual(queries.map(() => [0, 'NETWORK_ERROR']));
  for (const response of held) response.writeHead(502).end('Bad gateway');
  expect(await change).toEqual([502, 'UNEXPECTED_ANSWER']);
  server.close();
});

test.for([
  [502, 'text/html', '<h1>Bad gateway</h1>'],
  [404, 'text/plain', 'Not found'],
  [200, 'text/html', '<h1>Another app</h1>'],
  [200, 'application/json', '{"hello":1}'],
  [500, 'application/json', 'null'],
] as const)('an answer that is not ours: %i %s %s', async ([status, type, body]) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wrong = createGantryClient({ url: urlOf(server), getToken: () => token });
  expect(new Set(await refusals(wrong))).toEqual(new Set([`${status} UNEXPECTED_ANSWER`]));
  // What a gateway says for a while is waited for.
  if (status < 500)
    expect(await refusal(wrong.jobs.watch(randomUUID()).next())).toEqual([status, 'UNEXPECTED_ANSWER']);
  server.close();
});

test('what is no file, and what is no address, is named at once', async () => {
  // As JavaScript would call it, without types.
  const submit = (file: unknown) => Reflect.apply(gantry.jobs.submit, null, [{ serviceId: 'x', file }]);
  await expect(submit('./list.csv')).rejects.toThrow(/^file: give the content, not a path/);
  for (const file of [{ data: new Blob() }, { name: 'a.csv', data: 'a,b' }, new Blob(), 7])
    await expect(submit(file)).rejects.toThrow(TypeError);
  for (const url of ['', '/api', 'gantry.example.com', 'ftp://a.example', undefined])
    expect(() => Reflect.apply(createGantryClient, null, [{ url, getToken: () => token }])).toThrow(/^url: /);
});

test('what getToken throws comes through as it is', async () => {
  const reason = new TypeError('The session is broken.');
  const broken = createGantryClient({ url: api.url, getToken: () => Promise.reject(reason) });
  await expect(broken.queue.info()).rejects.toBe(reason);
  await expect(broken.jobs.download(randomUUID())).rejects.toBe(reason);
  await expect(broken.jobs.submit({ serviceId: 'x', file: fileOf(1) })).rejects.toBe(reason);
  await expect(broken.jobs.watch(randomUUID()).next()).rejects.toBe(reason);
});

test('many calls at once are all answered, however long they are', async () => {
  const search = '名'.repeat(200);
  const pages = await Promise.all(Array.from({ length: 30 }, () => gantry.jobs.list({ search })));
  expect(pages.map(({ jobs }) => jobs)).toEqual(pages.map(() => []));
  expect(await refusal(gantry.jobs.list({ search: search.repeat(2) }))).toEqual([400, 'INPUT_INVALID']);
  expect(await refusal(gantry.jobs.list({ search: search.repeat(20) }))).toEqual([431, 'HEADERS_TOO_LARGE']);
});
