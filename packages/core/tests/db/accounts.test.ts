import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { expect, test } from 'vitest';

import { hasAdminRights, isSessionOpen } from '../../src/index.ts';
import { createFixture, type Fixture, HOUR_MS } from '../fixture.ts';

async function openSession(f: Fixture, userId: string): Promise<string> {
  const id = randomUUID();
  await f.asOwner(
    'insert into auth.sessions (id, user_id, created_at, updated_at) values ($1, $2, now(), now())',
    [id, userId],
  );
  return id;
}

test('an admin is who is one now', async () => {
  await using f = await createFixture();
  const admin = await f.database.createUser({ isAdmin: true });
  const isAdmin = (sub: string, claims: object = {}) => hasAdminRights(f.db, { ...claims, sub });
  expect(await isAdmin(admin.id)).toBe(true);
  for (const claims of [{ app_metadata: { role: 'admin' } }, { role: 'admin' }, { user_role: 'admin' }])
    expect(await isAdmin(f.user.id, claims)).toBe(false);
  expect(await isAdmin(randomUUID())).toBe(false);
  await f.asOwner(`update auth.users set banned_until = now() + interval '1 day' where id = $1`, [admin.id]);
  expect(await isAdmin(admin.id)).toBe(false);
});

test('claims that are none are nobody’s', async () => {
  await using f = await createFixture();
  const ask = async (claims: string | null) =>
    (await f.db.query('select gantry.has_admin_rights($1::jsonb) as yes', [claims])).rows[0].yes;
  for (const claims of [null, 'null', '{}', '[]', '{"sub":null}', '"admin"', '{"role":"service_role"}'])
    expect([claims, await ask(claims)]).toEqual([claims, false]);
});

test('an admin with a second factor is one after signing in with it, and never through another program', async () => {
  await using f = await createFixture();
  const { id: sub } = await f.database.createUser({ isAdmin: true });
  const addFactor = (status: string) =>
    f.asOwner(
      `insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
       values (gen_random_uuid(), $1, 'totp', $2::auth.factor_status, now(), now())`,
      [sub, status],
    );
  await addFactor('unverified');
  expect(await hasAdminRights(f.db, { sub, aal: 'aal1' })).toBe(true);
  await addFactor('verified');
  expect(await hasAdminRights(f.db, { sub, aal: 'aal1' })).toBe(false);
  expect(await hasAdminRights(f.db, { sub })).toBe(false);
  expect(await hasAdminRights(f.db, { sub, aal: 'aal2' })).toBe(true);
  expect(await hasAdminRights(f.db, { sub, aal: 'aal2', client_id: randomUUID() })).toBe(false);
});

test('a session is open until it ends, runs out, or its user is banned', async () => {
  await using f = await createFixture();
  const sessionId = await openSession(f, f.user.id);
  const isOpen = () => isSessionOpen(f.db, { sessionId, userId: f.user.id });
  expect(await isOpen()).toBe(true);
  expect(await isSessionOpen(f.db, { sessionId, userId: randomUUID() })).toBe(false);
  await f.asOwner(`update auth.sessions set not_after = now() - interval '1 second'`);
  expect(await isOpen()).toBe(false);
  await f.asOwner(`update auth.sessions set not_after = null`);
  expect(await isOpen()).toBe(true);
  await f.asOwner(`update auth.users set banned_until = now() + interval '1 day'`);
  expect(await isOpen()).toBe(false);
  await f.asOwner(`update auth.users set banned_until = null`);
  await f.asOwner('delete from auth.sessions');
  expect(await isOpen()).toBe(false);
});

test('when whoever keeps the accounts deletes one, all its jobs go, whatever state they are in', async () => {
  await using f = await createFixture();
  const { jobId } = await f.start();
  await f.submit();
  await f.submit({ dependsOn: [{ jobId }] });
  await f.submit({ runAt: new Date(Date.now() + HOUR_MS).toISOString() });
  await f.schedule();
  const auth = new pg.Client({ connectionString: f.database.authDatabaseUrl });
  await auth.connect();
  try {
    await auth.query('delete from auth.users where id = $1', [f.user.id]);
  } finally {
    await auth.end();
  }
  for (const table of [
    'public.automation_jobs',
    'public.automation_job_events',
    'public.automation_job_payloads',
    'gantry.ready_jobs',
    'gantry.running_jobs',
  ]) {
    expect((await f.db.query(`select from ${table}`)).rowCount, table).toBe(0);
  }
});
