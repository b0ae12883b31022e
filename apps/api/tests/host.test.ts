import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from './fixture.ts';
import { exchange, parseAnswer } from './raw-http.ts';

// What a browser sends when the name of an attacker's page was made to lead to this machine (DNS rebinding).

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
beforeAll(async () => {
  api = await startApi({
    publicUrl: 'https://gantry.example.com',
    liveUrl: 'http://live.internal:3001',
    allowedHosts: ['gantry.lan'],
  });
  user = await api.newUser();
});
afterAll(() => api[Symbol.asyncDispose]());

/** Sends a request under other host names. */
async function ask(
  target: string,
  hosts: string[],
  o: { method?: string; headers?: string[]; body?: string } = {},
): Promise<{ status: number; code: string | null }> {
  const { method = 'GET', headers = [], body = '' } = o;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...hosts.map((host) => `Host: ${host}`),
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return parseAnswer(await exchange(api.url, `${lines.join('\r\n')}\r\n\r\n${body}`));
}

const REFUSED = { status: 421, code: 'HOST_NOT_ALLOWED' };

test('no door opens under a name that is not ours', async () => {
  const headers = [`Authorization: Bearer ${user.token}`];
  const credentials = JSON.stringify({ email: user.email, password: user.password });
  const watch = encodeURIComponent(JSON.stringify({ jobId: crypto.randomUUID() }));
  for (const [method, target, body] of [
    ['GET', '/', ''],
    ['GET', '/jobs', ''],
    ['GET', '/assets/index.js', ''],
    ['GET', '/api/config', ''],
    ['GET', '/api/openapi.json', ''],
    ['GET', '/api/docs/', ''],
    ['GET', '/api/services', ''],
    ['GET', '/api/trpc/services.list', ''],
    ['GET', `/api/trpc/jobs.watch?input=${watch}`, ''],
    ['GET', `/api/queue/live/${crypto.randomUUID()}`, ''],
    ['POST', '/api/queue/submit', ''],
    ['POST', '/api/live/frames', ''],
    ['GET', '/auth/v1/.well-known/jwks.json', ''],
    ['POST', '/auth/v1/token?grant_type=password', credentials],
    ['POST', '/auth/v1/signup', credentials],
    ['OPTIONS', '/auth/v1/token', ''],
    ['GET', '/healthz/../api/config', ''],
    ['GET', '/nothing-here', ''],
  ] as const) {
    expect([method, target, await ask(target, ['evil.example'], { method, headers, body })], target).toEqual([
      method,
      target,
      REFUSED,
    ]);
  }
});

test.each([
  ['another name', ['evil.example']],
  ['another name on our port', ['evil.example:3001']],
  ['ours as a part of it', ['localhost.evil.example']],
  ['a user before ours', ['evil.example@localhost']],
  ['an address of the network, while the API listens on loopback', ['192.168.1.2']],
  ['this machine as a number', ['2130706433']],
  ['two names', ['localhost', 'evil.example']],
  ['two names, the other way round', ['evil.example', 'localhost']],
  ['a list of names', ['localhost, evil.example']],
  ['a name for workers, elsewhere', ['live.internal:3001']],
  ['no name in the header', ['']],
])('%s is refused', async (_what, hosts) => {
  expect(await ask('/api/config', hosts)).not.toMatchObject({ status: 200 });
  expect([400, 421]).toContain((await ask('/api/config', hosts)).status);
});

test('what a proxy claims to have been asked for counts neither way', async () => {
  const claim = (host: string) => [`X-Forwarded-Host: ${host}`, `Forwarded: host=${host}`, `X-Host: ${host}`];
  expect(await ask('/api/config', ['evil.example'], { headers: claim('localhost') })).toEqual(REFUSED);
  expect(await ask('/api/config', ['localhost'], { headers: claim('evil.example') })).toMatchObject({
    status: 200,
  });
});

test('a target that is a whole address counts as well as the header', async () => {
  expect(await ask('http://evil.example/api/config', ['localhost'])).toEqual(REFUSED);
  expect(await ask('http://localhost/api/config', ['evil.example'])).toEqual(REFUSED);
});

test('without any name only the health of the server is told', async () => {
  const old = async (path: string) =>
    parseAnswer(await exchange(api.url, `GET ${path} HTTP/1.0\r\nConnection: close\r\n\r\n`));
  expect(await old('/healthz')).toMatchObject({ status: 200 });
  expect(await old('/readyz')).toMatchObject({ status: 200 });
  expect(await old('/api/config')).toEqual(REFUSED);
});

test.each([
  'localhost',
  'LOCALHOST:8080',
  'localhost.:3001',
  '127.0.0.1:3001',
  '127.3.2.1',
  '[::1]:3001',
  'gantry.example.com',
  'gantry.example.com:443',
  'Gantry.LAN:3001',
])('%s is ours', async (host) => {
  expect(await ask('/api/config', [host])).toMatchObject({ status: 200 });
});

test('health checks come by any address, and workers by theirs', async () => {
  for (const path of ['/healthz', '/readyz'])
    expect(await ask(path, ['10.1.2.3:3001'])).toMatchObject({ status: 200 });
  expect(await ask('/api/live/frames', ['live.internal:3001'], { method: 'POST' })).toMatchObject({
    code: 'LIVE_VIEW_ENDED',
  });
});
