import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ISSUER, serveAuth } from './supabase-js.fixture.ts';

let auth: Awaited<ReturnType<typeof serveAuth>>;
beforeAll(async () => {
  auth = await serveAuth();
});
afterAll(() => auth[Symbol.asyncDispose]());

const refreshWith = (token: string) => auth.newClient().auth.refreshSession({ refresh_token: token });
const age = (interval: string) =>
  auth.admin.query('update auth.refresh_tokens set updated_at = updated_at - $1::interval', [interval]);

describe('refreshSession', () => {
  test('rotates the token and keeps the session', async () => {
    const { client, session } = await auth.signIn();
    const { data } = await client.auth.refreshSession();
    expect(data.session?.refresh_token).not.toBe(session.refresh_token);
    const before = await auth.newClient().auth.getClaims(session.access_token);
    const after = await auth.newClient().auth.getClaims(data.session?.access_token);
    expect(after.data?.claims.session_id).toBe(before.data?.claims.session_id);
  });

  test('gives the same successor to a client that lost the answer and asks again at once', async () => {
    const { client, session } = await auth.signIn();
    const { data } = await client.auth.refreshSession();
    const repeated = await refreshWith(session.refresh_token);
    expect(repeated.data.session?.refresh_token).toBe(data.session?.refresh_token);
  });

  test('gives one successor to tabs that refresh at the same moment', async () => {
    const { session } = await auth.signIn();
    const tabs = await Promise.all([1, 2, 3, 4].map(() => refreshWith(session.refresh_token)));
    expect(tabs.map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(new Set(tabs.map(({ data }) => data.session?.refresh_token)).size).toBe(1);
  });

  test('ends the session when a used token comes back after its grace', async () => {
    const { client, session } = await auth.signIn();
    const { data } = await client.auth.refreshSession();
    await age('11 seconds');
    const stolen = await refreshWith(session.refresh_token);
    expect(stolen.error).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
    const after = await refreshWith(data.session?.refresh_token ?? '');
    expect(after.error).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
    const user = await auth.newClient().auth.getUser(data.session?.access_token);
    expect(user.error?.name).toBe('AuthSessionMissingError');
  });

  test('ends the session when a token comes back whose successor was used already', async () => {
    const { client, session } = await auth.signIn();
    await client.auth.refreshSession();
    await client.auth.refreshSession();
    const { error } = await refreshWith(session.refresh_token);
    expect(error).toMatchObject({ code: 'refresh_token_already_used' });
    expect((await client.auth.refreshSession()).error).toMatchObject({ code: 'refresh_token_not_found' });
  });

  test('knows used tokens for a day, and does not keep them for ever', async () => {
    const { client, session } = await auth.signIn();
    await client.auth.refreshSession();
    await age('25 hours');
    await client.auth.refreshSession();
    const { rows } = await auth.admin.query('select from auth.refresh_tokens where token = $1', [
      session.refresh_token,
    ]);
    expect(rows).toEqual([]);
    expect((await client.auth.refreshSession()).error).toBeNull();
  });

  test('a session that was not refreshed for 90 days ends when its user signs in again, and those in use stay', async () => {
    const { client, email, password } = await auth.signIn();
    const others = [auth.newClient(), auth.newClient()];
    for (const other of others) await other.auth.signInWithPassword({ email, password });
    await auth.admin.query(`update auth.sessions set created_at = created_at - interval '91 days',
      updated_at = updated_at - interval '91 days'`);
    await client.auth.refreshSession();
    await auth.newClient().auth.signInWithPassword({ email, password });
    const { rows } = await auth.admin.query(
      'select from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1',
      [email],
    );
    expect(rows).toHaveLength(2);
    expect((await client.auth.getUser()).error).toBeNull();
    for (const other of others)
      expect((await other.auth.getUser()).error?.name).toBe('AuthSessionMissingError');
  });

  test('refuses a token that nobody was given', async () => {
    expect((await refreshWith('made up')).error).toMatchObject({
      status: 400,
      code: 'refresh_token_not_found',
    });
  });
});

describe('getUser, updateUser and getClaims', () => {
  test('read and change what is the user’s own, but never app_metadata', async () => {
    const { client, session } = await auth.signIn();
    await client.auth.updateUser({ data: { name: 'Grace', unit: 'A' } });
    const { data } = await client.auth.updateUser({ data: { unit: null } });
    expect(data.user?.user_metadata).toEqual({ name: 'Grace' });
    const forged = await auth.send(
      'PUT',
      '/user',
      { app_metadata: { role: 'admin' }, role: 'service_role' },
      session,
    );
    expect(forged.answer).toMatchObject({
      role: 'authenticated',
      app_metadata: { provider: 'email', providers: ['email'] },
    });
    expect((await client.auth.getClaims()).data?.claims.app_metadata?.['role']).toBeUndefined();
  });

  test('metadata that is nested too deeply is refused, at sign-up too', async () => {
    const { session, email } = await auth.signIn();
    const nested = (depth: number) => `{"data":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const signUp = `${nested(30_000)},"email":"new-${email}","password":"long enough"}`;
    for (const refused of [
      await auth.send('PUT', '/user', `${nested(30_000)}}`, session),
      await auth.send('PUT', '/user', '{"data":{"x":1e999}}', session),
      await auth.send('POST', '/signup', signUp),
    ])
      expect(refused).toMatchObject({ status: 400, answer: { error_code: 'validation_failed' } });
    expect(await auth.send('PUT', '/user', `${nested(20)}}`, session)).toMatchObject({ status: 200 });
  });

  test('a new password ends the other sessions and leaves this one', async () => {
    const { client, email, password } = await auth.signIn();
    const other = auth.newClient();
    await other.auth.signInWithPassword({ email, password });
    expect((await client.auth.updateUser({ password: 'an even better one' })).error).toBeNull();
    expect((await other.auth.getUser()).error?.name).toBe('AuthSessionMissingError');
    expect((await client.auth.getUser()).error).toBeNull();
    expect((await other.auth.signInWithPassword({ email, password })).error?.code).toBe(
      'invalid_credentials',
    );
  });

  test('another e-mail address is refused, for no mail can confirm it', async () => {
    const { client, email } = await auth.signIn();
    expect((await client.auth.updateUser({ email: 'other@example.com' })).error?.status).toBe(422);
    expect((await client.auth.updateUser({ email, data: { a: 1 } })).error).toBeNull();
  });

  test('a token that is expired, forged or not ours is refused', async () => {
    const { session } = await auth.signIn();
    const claims = (await auth.newClient().auth.getClaims(session.access_token)).data?.claims;
    const sign = (o: { alg: 'ES256' | 'HS256'; issuer?: string; expires?: string }) =>
      new SignJWT({ session_id: claims?.session_id, role: 'authenticated' })
        .setProtectedHeader({ alg: o.alg, kid: auth.signingKey.kid })
        .setSubject(claims?.sub ?? '')
        .setAudience('authenticated')
        .setIssuer(o.issuer ?? ISSUER)
        .setIssuedAt()
        .setExpirationTime(o.expires ?? '1h')
        .sign(
          o.alg === 'ES256'
            ? auth.signingKey.privateKey
            : new TextEncoder().encode(JSON.stringify(auth.signingKey.jwks.keys[0])),
        );
    const answer = async (token: string) => {
      const { status, answer: body } = await auth.send('GET', '/user', undefined, {
        ...session,
        access_token: token,
      });
      return [status, body];
    };
    expect(await answer(await sign({ alg: 'ES256' }))).toMatchObject([200, { id: session.user.id }]);
    const unsigned = `${btoa('{"alg":"none"}')}.${session.access_token.split('.')[1]}.`;
    for (const token of [
      await sign({ alg: 'ES256', expires: '-1s' }),
      await sign({ alg: 'ES256', issuer: 'http://other.test' }),
      await sign({ alg: 'HS256' }),
      unsigned,
    ]) {
      expect(await answer(token)).toMatchObject([403, { error_code: 'bad_jwt' }]);
    }
    expect(await auth.send('GET', '/user')).toMatchObject({
      status: 401,
      answer: { error_code: 'no_authorization' },
    });
  });
});

describe('signOut', () => {
  test.each([
    ['local', { own: false, other: true }],
    ['others', { own: true, other: false }],
    ['global', { own: false, other: false }],
  ] as const)('with scope %s ends the sessions it names', async (scope, expected) => {
    const { client, email, password, session } = await auth.signIn();
    const other = auth.newClient();
    const { data } = await other.auth.signInWithPassword({ email, password });
    expect((await client.auth.signOut({ scope })).error).toBeNull();
    const isOpen = async (token = '') => (await auth.newClient().auth.getUser(token)).error === null;
    expect({
      own: await isOpen(session.access_token),
      other: await isOpen(data.session?.access_token),
    }).toEqual(expected);
  });
});
