import { randomUUID } from 'node:crypto';

import { submitJob, withUser } from '@gantry/core';
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Api, ISSUER, startApi } from './fixture.ts';

let api: Api;
let ada: Awaited<ReturnType<Api['newUser']>>;
let bob: typeof ada;
let admin: typeof ada;
let jobId: string;
beforeAll(async () => {
  api = await startApi();
  [ada, bob, admin] = [await api.newUser(), await api.newUser(), await api.newUser(true)];
  ({ jobId } = await submitJob(api.pool, { userId: ada.id, serviceId: 'no-file', input: { n: 1 } }));
});
afterAll(() => api[Symbol.asyncDispose]());

async function call(
  method: string,
  path: string,
  token: string | null,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    ...init,
    headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...init.headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  };
}
const query = (name: string, input: unknown, token: string | null) =>
  call('GET', `/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`, token);
const mutate = (name: string, input: unknown, token: string | null) =>
  call('POST', `/api/trpc/${name}`, token, {
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/json' },
  });

describe("somebody else's job does not exist", () => {
  const asBob: [string, () => ReturnType<typeof call>][] = [
    ['status', () => call('GET', `/api/queue/status/${jobId}`, bob.token)],
    ['results', () => call('GET', `/api/queue/results/${jobId}`, bob.token)],
    ['cancel', () => call('POST', `/api/queue/cancel/${jobId}`, bob.token)],
    ['delete', () => call('POST', `/api/queue/delete/${jobId}`, bob.token)],
    ['jobs.status', () => query('jobs.status', { jobId }, bob.token)],
    ['jobs.events', () => query('jobs.events', { jobId }, bob.token)],
    ['jobs.results', () => query('jobs.results', { jobId }, bob.token)],
    ['jobs.cancel', () => mutate('jobs.cancel', { jobId }, bob.token)],
    ['jobs.delete', () => mutate('jobs.delete', { jobId }, bob.token)],
    ['jobs.retry', () => mutate('jobs.retry', { jobId }, bob.token)],
    ['jobs.rerun', () => mutate('jobs.rerun', { jobId }, bob.token)],
    ['jobs.input', () => query('jobs.input', { jobId }, bob.token)],
    ['jobs.attempts', () => query('jobs.attempts', { jobId }, bob.token)],
    ['jobs.dependencies', () => query('jobs.dependencies', { jobId }, bob.token)],
  ];
  for (const [name, ask] of asBob) {
    test(`for ${name}, in the same words as one that was never there`, async () => {
      const { status, body } = await ask();
      expect(status).toBe(404);
      expect(JSON.stringify(body)).toContain('JOB_NOT_FOUND');
      expect(JSON.stringify(body)).toContain('There is no such job.');
    });
  }

  test('in lists, and with SQL as that user', async () => {
    expect((await query('jobs.list', {}, bob.token)).body.result.data.jobs).toEqual([]);
    for (const table of [
      'automation_jobs',
      'automation_job_events',
      'automation_job_payloads',
      'automation_job_rows',
      'automation_job_artifacts',
      'automation_job_dependencies',
      'job_execution_metrics',
      'automation_uploads',
    ]) {
      const { rows } = await withUser(api.pool, { sub: bob.id }, (db) =>
        db.query(`select count(*)::int as n from public.${table}`),
      );
      expect(rows).toEqual([{ n: 0 }]);
    }
  });

  test('but for an admin it does, until the database says otherwise', async () => {
    expect((await call('GET', `/api/queue/status/${jobId}`, admin.token)).status).toBe(200);
    const fallen = await api.newUser(true);
    expect((await call('GET', '/api/admin/workers', fallen.token)).status).toBe(200);
    await api.pool.query('reset role');
    const { default: pg } = await import('pg');
    const owner = new pg.Client({ connectionString: api.database.authDatabaseUrl });
    await owner.connect();
    await owner.query(`update auth.users set raw_app_meta_data = '{}' where id = $1`, [fallen.id]);
    await owner.end();
    expect((await call('GET', '/api/admin/workers', fallen.token)).status).toBe(403);
    expect((await call('GET', `/api/queue/status/${jobId}`, fallen.token)).status).toBe(404);
  });
});

test("somebody else's list is refused, unless an admin asks", async () => {
  expect((await call('GET', `/api/queue/user/${ada.id}`, bob.token)).body.error.code).toBe('FORBIDDEN');
  expect((await call('GET', `/api/queue/status/${jobId}?userId=${ada.id}`, bob.token)).body.error.code).toBe(
    'FORBIDDEN',
  );
  expect((await call('GET', `/api/queue/user/${ada.id}`, admin.token)).body.jobs).toHaveLength(1);
});

test('ids may be given in upper case', async () => {
  const own = `userId=${ada.id.toUpperCase()}`;
  const { status, body } = await call('GET', `/api/queue/status/${jobId.toUpperCase()}?${own}`, ada.token);
  expect([status, body.id]).toEqual([200, jobId]);
});

test('the console is closed to others', async () => {
  for (const [method, path] of [
    ['GET', '/api/admin/workers'],
    ['GET', '/api/admin/queue/all'],
    ['POST', '/api/admin/queue/cleanup'],
    ['GET', '/api/admin/queue/cancellable'],
    ['GET', '/api/admin/queue/failed'],
  ] as const) {
    expect((await call(method, path, ada.token)).status).toBe(403);
    expect((await call(method, path, null)).body.error.code).toBe('TOKEN_MISSING');
  }
});

describe('a token is refused', () => {
  const sign = async (
    change: {
      key?: CryptoKey;
      claims?: object;
      alg?: string;
      exp?: number | string;
      aud?: string;
      iss?: string;
    } = {},
  ) => {
    const jwt = new SignJWT({ role: 'authenticated', session_id: randomUUID(), ...change.claims })
      .setProtectedHeader({ alg: change.alg ?? 'ES256', kid: api.signingKey.kid })
      .setSubject(ada.id)
      .setIssuer(change.iss ?? ISSUER)
      .setAudience(change.aud ?? 'authenticated');
    if (change.exp !== 0) jwt.setExpirationTime(change.exp ?? '1h');
    return jwt.sign(change.key ?? api.signingKey.privateKey);
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const cases: [string, () => Promise<string> | string, string][] = [
    ['without an end', () => sign({ exp: 0 }), 'TOKEN_INVALID'],
    ['that has ended', () => sign({ exp: Math.floor(Date.now() / 1000) - 61 }), 'TOKEN_EXPIRED'],
    ['for another audience', () => sign({ aud: 'anon' }), 'TOKEN_INVALID'],
    ['of another issuer', () => sign({ iss: `${ISSUER}/` }), 'TOKEN_INVALID'],
    ['for another role', () => sign({ claims: { role: 'service_role' } }), 'TOKEN_INVALID'],
    [
      'signed with another key',
      async () => sign({ key: (await generateKeyPair('ES256')).privateKey }),
      'TOKEN_INVALID',
    ],
    [
      'without a signature',
      () =>
        `${encode({ alg: 'none' })}.${encode({ sub: ada.id, role: 'authenticated', exp: 9_999_999_999 })}.`,
      'TOKEN_INVALID',
    ],
    [
      'signed with the public key as a secret',
      () =>
        new SignJWT({ role: 'authenticated', session_id: randomUUID() })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject(ada.id)
          .setIssuer(ISSUER)
          .setAudience('authenticated')
          .setExpirationTime('1h')
          .sign(Buffer.from(JSON.stringify(api.signingKey.jwks))),
      'TOKEN_INVALID',
    ],
    ['that is a word', () => 'null', 'TOKEN_INVALID'],
    ['with a flipped bit', async () => (await sign()).replace(/.{3}$/, 'AAA'), 'TOKEN_INVALID'],
  ];
  for (const [how, make, code] of cases) {
    test(how, async () => {
      const { status, body } = await call('GET', '/api/queue/info', await make());
      expect([status, body.error.code]).toEqual([401, code]);
    });
  }
  test('in the address', async () => {
    expect(
      (await call('GET', `/api/queue/info?token=${ada.token}&access_token=${ada.token}`, null)).status,
    ).toBe(401);
  });
});

describe('a request that is not right gets a clear answer', () => {
  const cases: [string, () => ReturnType<typeof call>, number, string][] = [
    ['an id that is none', () => call('GET', '/api/queue/status/1;select', ada.token), 400, 'INPUT_INVALID'],
    [
      'a job that is not there',
      () => call('GET', `/api/queue/status/${randomUUID()}`, ada.token),
      404,
      'JOB_NOT_FOUND',
    ],
    ['a bad cursor', () => query('jobs.list', { cursor: 'eyJ4Ijox' }, ada.token), 400, 'CURSOR_INVALID'],
    ['a limit of nothing', () => query('jobs.list', { limit: 0 }, ada.token), 400, 'INPUT_INVALID'],
    ['a limit of everything', () => query('jobs.list', { limit: 1e9 }, ada.token), 400, 'INPUT_INVALID'],
    ['a limit in words', () => query('jobs.list', { limit: '10' }, ada.token), 400, 'INPUT_INVALID'],
    [
      'an unknown status',
      () => call('GET', '/api/admin/queue/all?status=done', admin.token),
      400,
      'INPUT_INVALID',
    ],
    [
      'keys that are not asked for',
      () => mutate('jobs.submit', { serviceId: 'no-file', input: { n: 1 }, status: 'completed' }, ada.token),
      400,
      'INPUT_INVALID',
    ],
    ['a NUL in text', () => query('jobs.list', { search: 'a\0b' }, ada.token), 400, 'VALUE_INVALID'],
    [
      'a date that is none',
      () =>
        mutate(
          'jobs.submit',
          { serviceId: 'no-file', input: { n: 1 }, runAt: '2026-02-30T00:00:00Z' },
          ada.token,
        ),
      400,
      'INPUT_INVALID',
    ],
    [
      'a date without a zone',
      () =>
        mutate(
          'jobs.submit',
          { serviceId: 'no-file', input: { n: 1 }, runAt: '2026-02-03T00:00:00' },
          ada.token,
        ),
      400,
      'INPUT_INVALID',
    ],
    [
      'JSON announced, and none sent, where none is needed',
      () =>
        call('POST', `/api/queue/cancel/${randomUUID()}`, ada.token, {
          headers: { 'content-type': 'application/json' },
        }),
      404,
      'JOB_NOT_FOUND',
    ],
    [
      'JSON announced, and none sent, where it is needed',
      () =>
        call('POST', '/api/admin/queues', admin.token, { headers: { 'content-type': 'application/json' } }),
      400,
      'INPUT_INVALID',
    ],
    [
      'a date in a zone that is too far away',
      () =>
        mutate(
          'jobs.submit',
          { serviceId: 'no-file', input: { n: 1 }, runAt: '2030-01-01T00:00:00-23:59' },
          ada.token,
        ),
      400,
      'VALUE_INVALID',
    ],
    ['an unknown procedure', () => query('jobs.nothing', {}, ada.token), 404, 'NOT_FOUND'],
    ['a query by POST', () => mutate('jobs.list', {}, ada.token), 405, 'METHOD_NOT_SUPPORTED'],
    ['a mutation by GET', () => query('jobs.cancel', { jobId }, ada.token), 405, 'METHOD_NOT_SUPPORTED'],
    [
      'no JSON',
      () =>
        call('POST', '/api/trpc/jobs.submit', ada.token, {
          body: '{',
          headers: { 'content-type': 'application/json' },
        }),
      400,
      'BAD_REQUEST',
    ],
    [
      'a form for a procedure',
      () => call('POST', '/api/trpc/admin.cleanup', admin.token, { body: new FormData() }),
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'plain text for a procedure',
      () =>
        call('POST', '/api/trpc/jobs.submit', ada.token, {
          body: '{}',
          headers: { 'content-type': 'text/plain' },
        }),
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      '2 MB of JSON',
      () =>
        mutate('jobs.submit', { serviceId: 'no-file', input: { n: 1, x: 'x'.repeat(2_000_000) } }, ada.token),
      413,
      'BODY_TOO_LARGE',
    ],
    ['an address that is nowhere', () => call('GET', '/api/nothing', ada.token), 404, 'NOT_FOUND'],
    [
      'a way out of the directory',
      () => call('GET', '/api/artifacts/..%2f..%2f.env', ada.token),
      400,
      'INPUT_INVALID',
    ],
  ];
  for (const [what, ask, status, code] of cases) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await ask();
      const shown = JSON.stringify(answer.body);
      expect([answer.status, shown.includes(`"code":"${code}"`), shown]).toEqual([status, true, shown]);
      expect(shown).not.toMatch(/"stack"|node_modules|\/src\/|public\.|syntax error at/);
    });
  }

  test('a batch of too many calls runs none of them', async () => {
    const names = Array.from({ length: 50 }, () => 'queue.info').join(',');
    expect((await call('GET', `/api/trpc/${names}?batch=1&input=%7B%7D`, ada.token)).status).toBe(400);
  });

  test('text that looks like SQL or a pattern is text', async () => {
    for (const search of [`' OR 1=1--`, '%', '_', String.raw`\ `, `$1`]) {
      expect((await query('jobs.list', { search }, ada.token)).body.result.data.jobs).toEqual([]);
    }
  });
});
