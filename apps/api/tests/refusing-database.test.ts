import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { type Api, startApi } from './fixture.ts';

let api: Api;
let user: Awaited<ReturnType<Api['newUser']>>;
beforeAll(async () => {
  api = await startApi();
  user = await api.newUser();
});
afterAll(() => api[Symbol.asyncDispose]());
afterEach(() => reconfigure('reset all', 'connection limit -1'));

/** Alters the database for whoever connects from now on, and breaks what the API's pool holds. */
async function reconfigure(...changes: string[]): Promise<void> {
  const elsewhere = new URL(api.database.adminDatabaseUrl);
  const name = elsewhere.pathname.slice(1);
  elsewhere.pathname = '/postgres';
  const client = new pg.Client({ connectionString: elsewhere.href });
  await client.connect();
  for (const change of changes) await client.query(`alter database ${name} ${change}`);
  await client.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1 and application_name = 'api-test'`,
    [name],
  );
  await client.end();
}

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${user.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const submit = () =>
  call('POST', '/api/queue/submit-many', { jobs: [{ serviceId: 'no-file', input: { n: 1 } }] });
const list = () => call('GET', `/api/queue/user/${user.id}`);
const isReady = () => call('GET', '/readyz');
const UNAVAILABLE = {
  status: 503,
  body: { error: { code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('try again') } },
};

test('while the database can only be read, reading goes on, writing is refused, and the API is not ready', async () => {
  await reconfigure('set default_transaction_read_only = on');
  expect(await list()).toMatchObject({ status: 200 });
  expect(await submit()).toMatchObject(UNAVAILABLE);
  expect(await isReady()).toMatchObject({ status: 503, body: { checks: { database: false } } });

  await reconfigure('reset default_transaction_read_only');
  expect(await submit()).toMatchObject({ status: 200, body: { jobs: [{ isNew: true }] } });
  expect(await isReady()).toMatchObject({ status: 200, body: { checks: { database: true } } });
});

test('while the database takes no more connections, every request is refused, and live events keep their line', async () => {
  await reconfigure('connection limit 0');
  for (const answer of await Promise.all([list(), submit(), submit(), list()])) {
    expect(answer).toMatchObject(UNAVAILABLE);
  }
  expect(await isReady()).toMatchObject({
    status: 503,
    body: { checks: { database: false, notifications: true } },
  });

  await reconfigure('connection limit -1');
  expect(await submit()).toMatchObject({ status: 200, body: { jobs: [{ isNew: true }] } });
  expect(await isReady()).toMatchObject({ status: 200 });
});

test('while the database takes no more connections, every route that needs it answers 503, the sign-in too', async () => {
  await reconfigure('connection limit 0');
  type Operations = { get?: { security?: unknown[] } };
  const document: { paths: Record<string, Operations> } = JSON.parse(
    await (await fetch(`${api.url}/api/openapi.json`)).text(),
  );
  const paths = Object.entries(document.paths).filter(
    ([path, { get }]) => get && get.security?.length !== 0 && path !== '/readyz',
  );
  expect(paths.length).toBeGreaterThan(10);
  const answers = paths.map(async ([path]) => {
    const { status, body } = await call('GET', path.replaceAll(/\{\w+\}/g, crypto.randomUUID()));
    return { path, status, code: body.error?.code };
  });
  for (const answer of await Promise.all(answers)) {
    expect(answer).toEqual({ path: answer.path, status: 503, code: 'DATABASE_UNAVAILABLE' });
  }
  for (const [path, body] of [
    ['token?grant_type=password', { email: user.email, password: user.password }],
    ['token?grant_type=refresh_token', { refresh_token: 'any' }],
    ['signup', { email: 'new@example.com', password: user.password }],
  ] as const) {
    expect(await call('POST', `/auth/v1/${path}`, body)).toMatchObject({
      status: 503,
      body: { error_code: 'database_unavailable' },
    });
  }
});

test('while a migration locks a table, requests are refused soon, and say when to come back', async () => {
  const migration = new pg.Client({ connectionString: api.database.adminDatabaseUrl });
  await migration.connect();
  try {
    await migration.query('begin; lock table public.automation_jobs in access exclusive mode');
    const watch = encodeURIComponent(JSON.stringify({ jobId: crypto.randomUUID() }));
    const headers = { authorization: `Bearer ${user.token}` };
    const answers = await Promise.all(
      [
        `/api/queue/user/${user.id}`,
        `/api/queue/status/${crypto.randomUUID()}`,
        '/api/trpc/jobs.list?input=%7B%7D',
      ].map((path) => fetch(`${api.url}${path}`, { headers })),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await answer.text()).toContain('DATABASE_UNAVAILABLE');
    }
    const stream = await fetch(`${api.url}/api/trpc/jobs.watch?input=${watch}`, { headers });
    expect(await stream.text()).toContain('DATABASE_UNAVAILABLE');
  } finally {
    // Ends the transaction, and with it the lock.
    await migration.end();
  }
  expect(await list()).toMatchObject({ status: 200 });
});
