import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from './fixture.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
let admin: typeof user;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
  admin = await api.newUser(true);
});
afterAll(() => api[Symbol.asyncDispose]());

async function rest(method: string, path: string, who: typeof user, body?: object) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${who.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test('an admin makes a queue, changes it live, binds a service to it, and deletes it when it is empty', async () => {
  expect(await rest('POST', '/api/admin/queues', admin, { name: 'slow' })).toEqual({
    status: 201,
    body: { ok: true },
  });
  expect((await rest('POST', '/api/admin/queues', admin, { name: 'slow' })).body.error.code).toBe(
    'QUEUE_EXISTS',
  );
  expect(
    (await rest('POST', '/api/admin/queues/slow', admin, { concurrencyLimit: 7, isPaused: true })).status,
  ).toBe(200);
  expect((await rest('POST', '/api/admin/services/no-file/queue', admin, { queue: 'slow' })).status).toBe(
    200,
  );
  const listed = async () =>
    (await rest('GET', '/api/admin/queues', admin)).body.find(
      ({ name }: { name: string }) => name === 'slow',
    );
  expect(await listed()).toMatchObject({
    concurrencyLimit: 7,
    isPaused: true,
    services: [{ id: 'no-file' }],
  });
  expect((await rest('POST', '/api/admin/queues/slow/delete', admin)).body.error.code).toBe('QUEUE_IN_USE');
  await rest('POST', '/api/admin/services/no-file/queue', admin, { queue: null });
  expect((await rest('POST', '/api/admin/queues/slow/delete', admin)).status).toBe(200);
  expect(await listed()).toBeUndefined();
});

test('what is not right is refused with a clear answer', async () => {
  const cases: [string, object | undefined, number, string][] = [
    ['/api/admin/queues', { name: 'Two Words' }, 400, 'INPUT_INVALID'],
    ['/api/admin/queues', { name: 'x', concurrencyLimit: -1 }, 400, 'INPUT_INVALID'],
    ['/api/admin/queues', undefined, 400, 'INPUT_INVALID'],
    ['/api/admin/queues/default', { concurrencyLimit: 1.5 }, 400, 'INPUT_INVALID'],
    ['/api/admin/queues/default', { limit: 2 }, 400, 'INPUT_INVALID'],
    ['/api/admin/queues/none', { isPaused: true }, 404, 'QUEUE_NOT_FOUND'],
    ['/api/admin/queues/none/delete', undefined, 404, 'QUEUE_NOT_FOUND'],
    ['/api/admin/services/none/queue', { queue: 'default' }, 404, 'SERVICE_NOT_FOUND'],
    ['/api/admin/services/no-file/queue', { queue: 'none' }, 404, 'QUEUE_NOT_FOUND'],
    ['/api/admin/services/no-file/queue', {}, 400, 'INPUT_INVALID'],
  ];
  for (const [path, body, status, code] of cases) {
    const answer = await rest('POST', path, admin, body);
    expect([path, answer.status, answer.body.error.code]).toEqual([path, status, code]);
  }
});

test('nobody but admins sees or changes queues; their figures are for all', async () => {
  for (const [method, path, body] of [
    ['GET', '/api/admin/queues', undefined],
    ['POST', '/api/admin/queues', { name: 'mine' }],
    ['POST', '/api/admin/queues/default', { isPaused: true }],
    ['POST', '/api/admin/queues/default/delete', undefined],
    ['POST', '/api/admin/services/no-file/queue', { queue: 'default' }],
  ] as const) {
    expect((await rest(method, path, user, body)).status).toBe(403);
  }
  const { body: info } = await rest('GET', '/api/queue/info', user);
  expect(info).toMatchObject({
    countedAt: expect.any(String),
    queues: [{ name: 'default', isPaused: false }],
  });
});
