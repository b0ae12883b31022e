import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { describe, expect, test } from 'vitest';

import { serveAuth } from './supabase-js.fixture.ts';

// Passwords are slow to check by design, so each route that does it has limits, and none keeps the others waiting.

const newEmail = () => `${randomUUID()}@example.com`;

/** Signs in from another address of this machine; all of 127.0.0.0/8 are. */
function signInFrom(address: string, url: string, body: object): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = httpRequest(`${url}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    localAddress: address,
    headers: { 'content-type': 'application/json' },
  });
  request.on('response', (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  request.on('error', reject);
  request.end(JSON.stringify(body));
  return promise;
}

test('guesses that are sent at once are counted one by one', async () => {
  await using auth = await serveAuth();
  const { email } = await auth.database.createUser();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      auth.send('POST', '/token?grant_type=password', { email, password: `guess number ${n}` }),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([
    ...Array.from({ length: 5 }, () => 400),
    ...Array.from({ length: 15 }, () => 429),
  ]);
  for (const { status, headers } of answers)
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
});

test('who guesses from many addresses is stopped, and does not keep the owner out where they are known', async () => {
  await using auth = await serveAuth({ signInsPerMinute: 2 });
  const user = await auth.database.createUser();
  expect(await signInFrom('127.0.0.1', auth.url, user)).toBe(200);
  const guess = (n: number) =>
    signInFrom(`127.1.0.${n}`, auth.url, { ...user, password: `guess number ${n}` });
  const statuses: number[] = [];
  for (let n = 1; n <= 25; n++) statuses.push(await guess(n));
  expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 400));
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
  // The right one is of no use either, from where nobody has signed in.
  expect(await signInFrom('127.1.1.1', auth.url, user)).toBe(429);
  expect(await signInFrom('127.0.0.1', auth.url, user)).toBe(200);
});

test('a new password for one’s own account is limited by account', async () => {
  await using auth = await serveAuth({ signInsPerMinute: 3 });
  const one = await auth.signIn();
  const other = await auth.signIn();
  const change = (session: typeof one.session, n: number) =>
    auth.send('PUT', '/user', { password: `password number ${n}` }, session);
  const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => change(one.session, n)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused).toMatchObject({ answer: { error_code: 'over_request_rate_limit' } });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await change(other.session, 1)).toMatchObject({ status: 200 });
  // What is no password is changed as often as one likes.
  expect(await auth.send('PUT', '/user', { data: { a: 1 } }, one.session)).toMatchObject({ status: 200 });
});

test('while one client has a hundred passwords checked, another waits for one of them at most', async () => {
  await using auth = await serveAuth({ signInsPerMinute: 1000 });
  const user = await auth.database.createUser();
  let waiting = 0;
  const crowd = Array.from({ length: 100 }, async (_, n) => {
    waiting += 1;
    const status = await signInFrom('127.2.0.1', auth.url, { email: newEmail(), password: `guess ${n}` });
    waiting -= 1;
    return status;
  });
  await expect.poll(() => auth.send('GET', '/health')).toMatchObject({ status: 200 });
  expect(await signInFrom('127.0.0.1', auth.url, user)).toBe(200);
  expect(waiting).toBeGreaterThan(20);
  // What is too much to wait is refused at once.
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([400, 429]));
});

describe('the published passwords of the demo accounts', () => {
  test.each(['gantry-demo', 'gantry-admin'])('%s is taken for no account', async (password) => {
    await using auth = await serveAuth();
    const { error } = await auth.newClient().auth.signUp({ email: 'demo@gantry.local', password });
    expect(error).toMatchObject({ status: 422, code: 'weak_password' });
    const { client } = await auth.signIn();
    expect((await client.auth.updateUser({ password })).error).toMatchObject({ code: 'weak_password' });
  });
});

test('who asks for an account without end is stopped, with a session or without', async () => {
  await using auth = await serveAuth();
  const { session } = await auth.signIn();
  expect(await auth.send('GET', '/user', undefined, session)).toMatchObject({ status: 200 });
  // Fifty at a time, so that the test opens few connections.
  const statuses: number[] = [];
  for (let round = 0; round < 6; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => auth.send('GET', '/user')));
    statuses.push(...answers.map(({ status }) => status));
  }
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  const refused = await auth.send('GET', '/user', undefined, session);
  expect(refused).toMatchObject({ status: 429, answer: { error_code: 'over_request_rate_limit' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});
