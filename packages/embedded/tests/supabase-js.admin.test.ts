import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { SECRET_KEY, serveAuth } from './supabase-js.fixture.ts';

let auth: Awaited<ReturnType<typeof serveAuth>>;
beforeAll(async () => {
  auth = await serveAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const admin = () => auth.newClient(SECRET_KEY).auth.admin;
const newEmail = () => `${randomUUID()}@example.com`;

describe('auth.admin', () => {
  test('makes, finds, changes and removes users', async () => {
    const email = newEmail();
    const created = await admin().createUser({
      email,
      password: 'long enough',
      app_metadata: { role: 'admin' },
      email_confirm: true,
    });
    const id = created.data.user?.id ?? '';
    expect(created.data.user).toMatchObject({ email, app_metadata: { role: 'admin', provider: 'email' } });
    const changed = await admin().updateUserById(id, {
      user_metadata: { a: 1 },
      app_metadata: { role: null },
      email: `New-${email}`,
    });
    expect(changed.data.user).toMatchObject({ email: `new-${email}`, user_metadata: { a: 1 } });
    expect(changed.data.user?.app_metadata).not.toHaveProperty('role');
    expect((await admin().getUserById(id)).data.user).toEqual(changed.data.user);
    expect((await admin().deleteUser(id)).error).toBeNull();
    expect((await admin().getUserById(id)).error).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  test('lists users page by page, with their number', async () => {
    await auth.database.createUser();
    await auth.database.createUser();
    const first = await admin().listUsers({ page: 1, perPage: 1 });
    expect(first.data).toMatchObject({ users: [{}], nextPage: 2, lastPage: expect.any(Number) });
    const { rows } = await auth.admin.query('select count(*)::int as total from auth.users');
    expect(first.data).toMatchObject(rows[0]);
    const beyond = await admin().listUsers({ page: 500, perPage: 1 });
    expect(beyond.data).toMatchObject({ users: [], ...rows[0], nextPage: null });
  });

  test('a ban ends the sessions and keeps the user out until it is lifted', async () => {
    const { client, email, password, session } = await auth.signIn();
    const signIn = async () => (await auth.newClient().auth.signInWithPassword({ email, password })).error;
    expect((await admin().updateUserById(session.user.id, { ban_duration: '24h' })).error).toBeNull();
    expect((await client.auth.refreshSession()).error?.code).toBe('refresh_token_not_found');
    expect(await signIn()).toMatchObject({ status: 400, code: 'user_banned' });
    await admin().updateUserById(session.user.id, { ban_duration: 'none' });
    expect(await signIn()).toBeNull();
  });

  test('a taken e-mail and a ban of no length are refused', async () => {
    const one = await auth.database.createUser();
    const two = await auth.database.createUser();
    expect((await admin().updateUserById(one.id, { email: two.email })).error).toMatchObject({
      status: 422,
      code: 'email_exists',
    });
    expect((await admin().updateUserById(one.id, { ban_duration: 'soon' })).error).toMatchObject({
      status: 400,
      code: 'validation_failed',
    });
  });

  test('needs the service key: neither a guess nor a user’s token will do', async () => {
    const { session } = await auth.signIn();
    for (const key of ['sb_secret_guess', session.access_token]) {
      expect((await auth.newClient(key).auth.admin.listUsers()).error).toMatchObject({
        status: 403,
        code: 'not_admin',
      });
    }
  });
});
