import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '@supabase/supabase-js';
import fastify from 'fastify';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadSigningKey, registerAuth } from '../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../src/testing/index.ts';

const SECRET_KEY = 'sb_secret_for_this_test';
let database: TestDatabase;
let keyDir: string;
let url: string;
const app = fastify();

beforeAll(async () => {
  database = await createTestDatabase();
  keyDir = await mkdtemp(join(tmpdir(), 'gantry-key-'));
  await app.register(registerAuth, {
    prefix: '/auth/v1',
    databaseUrl: database.authDatabaseUrl,
    signingKey: await loadSigningKey(keyDir),
    issuer: 'http://issuer.test/auth/v1',
    secretKey: SECRET_KEY,
    isSignUpOpen: true,
    signInsPerMinute: 5,
  });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  await database[Symbol.asyncDispose]();
  await rm(keyDir, { recursive: true });
});

const newClient = (key = 'sb_publishable_any') =>
  createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
let count = 0;
const newEmail = () => `person-${++count}@example.com`;

describe('an unchanged supabase-js', () => {
  test('signs up, and gets an ES256 token with the claims that policies read', async () => {
    const email = newEmail();
    const { data, error } = await newClient().auth.signUp({
      email,
      password: 'long enough',
      options: { data: { name: 'Ada' } },
    });
    expect(error).toBeNull();
    const token = data.session?.access_token ?? '';
    expect(decodeProtectedHeader(token).alg).toBe('ES256');
    expect(decodeJwt(token)).toMatchObject({
      sub: data.user?.id,
      aud: 'authenticated',
      role: 'authenticated',
      iss: 'http://issuer.test/auth/v1',
      email,
      user_metadata: { name: 'Ada' },
      session_id: expect.any(String),
    });
  });

  test('is told that an account exists, and that a password is weak', async () => {
    const email = newEmail();
    await newClient().auth.signUp({ email, password: 'long enough' });
    const again = await newClient().auth.signUp({ email: email.toUpperCase(), password: 'long enough' });
    expect(again.error).toMatchObject({ status: 422, code: 'user_already_exists' });
    const weak = await newClient().auth.signUp({ email: newEmail(), password: 'short' });
    expect(weak.error).toMatchObject({ status: 422, code: 'weak_password' });
  });

  test('gets one answer for a wrong password and for nobody', async () => {
    const { email } = await database.createUser();
    const wrong = await newClient().auth.signInWithPassword({ email, password: 'not this one' });
    const nobody = await newClient().auth.signInWithPassword({ email: newEmail(), password: 'not this one' });
    expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' });
    expect(nobody.error?.message).toBe(wrong.error?.message);
  });

  test('is stopped when it guesses', async () => {
    const { email } = await database.createUser();
    const statuses: (number | undefined)[] = [];
    for (let guess = 0; guess < 7; guess++) {
      const { error } = await newClient().auth.signInWithPassword({
        email,
        password: `guess number ${guess}`,
      });
      statuses.push(error?.status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
  });

  test('rotates the refresh token; one that comes back late ends the session', async () => {
    const { email, password } = await database.createUser();
    const client = newClient();
    const first = (await client.auth.signInWithPassword({ email, password })).data.session;
    const second = (await client.auth.refreshSession()).data.session;
    expect(second?.refresh_token).not.toBe(first?.refresh_token);
    // The answer may have been lost: the same token again at once gives the same successor.
    const repeated = await newClient().auth.refreshSession({ refresh_token: first?.refresh_token ?? '' });
    expect(repeated.data.session?.refresh_token).toBe(second?.refresh_token);

    await backdateTokens();
    const stolen = await newClient().auth.refreshSession({ refresh_token: first?.refresh_token ?? '' });
    expect(stolen.error).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
    const after = await newClient().auth.refreshSession({ refresh_token: second?.refresh_token ?? '' });
    expect(after.error).toMatchObject({ code: 'refresh_token_not_found' });
  });

  test('reads and changes the user, but never app_metadata', async () => {
    const { email, password } = await database.createUser();
    const client = newClient();
    const { data } = await client.auth.signInWithPassword({ email, password });
    const { data: changed } = await client.auth.updateUser({ data: { name: 'Grace' } });
    expect(changed.user?.user_metadata).toEqual({ name: 'Grace' });
    const forged = await fetch(`${url}/auth/v1/user`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${data.session?.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ app_metadata: { role: 'admin' }, role: 'service_role' }),
    });
    expect(await forged.json()).toMatchObject({ role: 'authenticated', app_metadata: { provider: 'email' } });
    expect((await client.auth.getUser()).data.user?.app_metadata['role']).toBeUndefined();
    expect((await client.auth.getClaims()).error).toBeNull();
  });

  test('signs out, after which the token is refused', async () => {
    const { email, password } = await database.createUser();
    const client = newClient();
    const { data } = await client.auth.signInWithPassword({ email, password });
    expect((await client.auth.signOut()).error).toBeNull();
    const { error } = await newClient().auth.getUser(data.session?.access_token);
    expect(error?.name).toBe('AuthSessionMissingError');
  });

  test('manages users with the service key, and not without', async () => {
    const admin = newClient(SECRET_KEY).auth.admin;
    const created = await admin.createUser({
      email: newEmail(),
      password: 'long enough',
      app_metadata: { role: 'admin' },
    });
    const id = created.data.user?.id ?? '';
    expect(created.data.user?.app_metadata['role']).toBe('admin');
    expect((await admin.updateUserById(id, { user_metadata: { a: 1 } })).data.user?.user_metadata).toEqual({
      a: 1,
    });
    expect((await admin.listUsers({ page: 1, perPage: 1 })).data.users).toHaveLength(1);
    expect((await admin.deleteUser(id)).error).toBeNull();
    expect((await admin.getUserById(id)).error).toMatchObject({ status: 404 });
    expect((await newClient('sb_secret_guess').auth.admin.listUsers()).error).toMatchObject({
      status: 403,
      code: 'not_admin',
    });
  });
});

test('a body that is no JSON, or lacks the password, is refused in the words of Supabase Auth', async () => {
  for (const body of ['{', '{"email":"a@example.com"}']) {
    const response = await fetch(`${url}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 400,
      error_code: expect.any(String),
      msg: expect.any(String),
    });
  }
});

async function backdateTokens(): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: database.authDatabaseUrl });
  await client.connect();
  await client.query(`update auth.refresh_tokens set updated_at = updated_at - interval '1 minute'`);
  await client.end();
}
