import { randomUUID } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ISSUER, serveAuth } from './supabase-js.fixture.ts';

let auth: Awaited<ReturnType<typeof serveAuth>>;
beforeAll(async () => {
  auth = await serveAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const newEmail = () => `${randomUUID()}@example.com`;

describe('signUp', () => {
  test('opens a session whose ES256 token has the claims that policies read', async () => {
    const email = newEmail();
    const { data, error } = await auth.newClient().auth.signUp({
      email,
      password: 'long enough',
      options: { data: { name: 'Ada' } },
    });
    expect(error).toBeNull();
    const token = data.session?.access_token ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: auth.signingKey.kid });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      sub: data.user?.id,
      aud: 'authenticated',
      role: 'authenticated',
      iss: ISSUER,
      email,
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: { name: 'Ada' },
      session_id: expect.any(String),
      is_anonymous: false,
      aal: 'aal1',
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
    expect(data.user).toMatchObject({ aud: 'authenticated', email, identities: [{ provider: 'email' }] });
  });

  test('never takes app_metadata or a role', async () => {
    const { answer } = await auth.send('POST', '/signup', {
      email: newEmail(),
      password: 'long enough',
      data: { role: 'admin' },
      app_metadata: { role: 'admin' },
      role: 'service_role',
    });
    expect(answer).toMatchObject({
      user: {
        role: 'authenticated',
        app_metadata: { provider: 'email', providers: ['email'] },
        user_metadata: { role: 'admin' },
      },
    });
  });

  test.each([
    ['seven letters', '1234567'],
    ['more bytes than bcrypt looks at', 'ä'.repeat(37)],
  ])('refuses a password of %s', async (_what, password) => {
    const { error } = await auth.newClient().auth.signUp({ email: newEmail(), password });
    expect(error).toMatchObject({ status: 422, code: 'weak_password' });
  });

  test('tells that an account exists, whatever the case of its letters', async () => {
    const email = newEmail();
    await auth.newClient().auth.signUp({ email, password: 'long enough' });
    const { error } = await auth
      .newClient()
      .auth.signUp({ email: email.toUpperCase(), password: 'long enough' });
    expect(error).toMatchObject({ status: 422, code: 'user_already_exists' });
  });

  test.each([
    ['a zero byte', { a: 'x\u0000y' }],
    ['more than fits into a token', { a: 'x'.repeat(9000) }],
  ])('refuses metadata with %s', async (_what, data) => {
    const { error } = await auth
      .newClient()
      .auth.signUp({ email: newEmail(), password: 'long enough', options: { data } });
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  test('can be closed', async () => {
    await using closed = await serveAuth({ isSignUpOpen: false });
    const { error } = await closed.newClient().auth.signUp({ email: newEmail(), password: 'long enough' });
    expect(error).toMatchObject({ status: 422, code: 'signup_disabled' });
  });
});

describe('signInWithPassword', () => {
  test('opens a session, and remembers when', async () => {
    const { client, session, email } = await auth.signIn();
    expect(session).toMatchObject({ token_type: 'bearer', expires_in: 3600, user: { email } });
    const { data } = await client.auth.getUser();
    expect(data.user?.last_sign_in_at).toBe(session.user.last_sign_in_at);
  });

  test('gives one answer for a wrong password and for nobody', async () => {
    const { email } = await auth.database.createUser();
    const password = 'not this one';
    const wrong = await auth.newClient().auth.signInWithPassword({ email, password });
    const nobody = await auth.newClient().auth.signInWithPassword({ email: newEmail(), password });
    expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' });
    expect(nobody.error).toEqual(wrong.error);
  });

  test('is stopped when it guesses, for somebody and for nobody alike', async () => {
    const { email, password } = await auth.database.createUser();
    const guess = async (address: string) => {
      const answers: unknown[] = [];
      for (let n = 0; n < 6; n++) {
        const { status, answer } = await auth.send('POST', '/token?grant_type=password', {
          email: address,
          password: `guess number ${n}`,
        });
        answers.push([status, answer]);
      }
      return answers;
    };
    const answers = await guess(email);
    expect(answers.map((answer) => Array.isArray(answer) && answer[0])).toEqual([
      400, 400, 400, 400, 400, 429,
    ]);
    expect(await guess(newEmail())).toEqual(answers);
    // The right password no longer helps, and the client is told when to come back.
    const right = await auth.send('POST', '/token?grant_type=password', { email, password });
    expect(right).toMatchObject({ status: 429, answer: { error_code: 'over_request_rate_limit' } });
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('does not count right passwords as guesses', async () => {
    const user = await auth.database.createUser();
    for (let n = 0; n < 7; n++) {
      expect((await auth.newClient().auth.signInWithPassword(user)).error).toBeNull();
    }
  });

  test('stops one address that tries many accounts', async () => {
    await using strict = await serveAuth({ signInsPerMinute: 1 });
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) {
      const body = { email: newEmail(), password: 'Password1' };
      statuses.push((await strict.send('POST', '/token?grant_type=password', body)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429]);
  });
});

describe('the endpoint', () => {
  test.each([
    ['no JSON', '/token?grant_type=password', '{', 400],
    ['no password', '/token?grant_type=password', { email: 'a@example.com' }, 400],
    ['an unknown grant', '/token?grant_type=pkce', {}, 400],
    ['no grant', '/token', {}, 400],
    ['a way to sign in that it lacks', '/otp', { email: 'a@example.com' }, 404],
  ])('refuses %s in the words of Supabase Auth', async (_what, path, body, status) => {
    expect(await auth.send('POST', path, body)).toMatchObject({
      status,
      answer: { code: status, error_code: expect.any(String), msg: expect.any(String) },
    });
  });

  test('lets the named origins call with every method and header that supabase-js sends, and no other', async () => {
    await using shared = await serveAuth({ corsOrigins: ['https://app.example'] });
    const preflight = async (origin: string) => {
      const { headers } = await fetch(`${shared.url}/auth/v1/user`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT' },
      });
      return {
        origin: headers.get('access-control-allow-origin'),
        methods: headers.get('access-control-allow-methods'),
        headers: headers.get('access-control-allow-headers'),
      };
    };
    const allowed = await preflight('https://app.example');
    expect(allowed.origin).toBe('https://app.example');
    expect(allowed.methods).toContain('PUT');
    for (const header of ['apikey', 'authorization', 'x-client-info', 'x-supabase-api-version']) {
      expect(allowed.headers).toContain(header);
    }
    expect((await preflight('https://other.example')).origin).toBeNull();
  });

  test('answers 503 while the database is away, so that clients keep their session', async () => {
    await using lost = await serveAuth({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' });
    const { client, session } = await auth.signIn();
    expect(await lost.send('GET', '/user', undefined, session)).toMatchObject({ status: 403 });
    const refresh = await lost.send('POST', '/token?grant_type=refresh_token', {
      refresh_token: session.refresh_token,
    });
    const UNAVAILABLE = { status: 503, answer: { error_code: 'database_unavailable' } };
    expect(refresh).toMatchObject(UNAVAILABLE);
    expect(Number(refresh.headers.get('retry-after'))).toBeGreaterThan(0);
    const credentials = { email: 'ada@example.com', password: 'a-good-password' };
    expect(await lost.send('POST', '/token?grant_type=password', credentials)).toMatchObject(UNAVAILABLE);
    expect(await lost.send('POST', '/signup', credentials)).toMatchObject(UNAVAILABLE);
    expect((await client.auth.getUser()).error).toBeNull();
  });
});
