import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient, type Session } from '@supabase/supabase-js';
import fastify from 'fastify';
import pg from 'pg';

import { type AuthOptions, loadSigningKey, registerAuth } from '../src/index.ts';
import { createTestDatabase } from '../src/testing/index.ts';

export const SECRET_KEY = 'sb_secret_for_this_test';
export const ISSUER = 'http://issuer.test/auth/v1';

/** The sign-in on a real port, with a database of its own. */
export async function serveAuth(o: Partial<AuthOptions> = {}) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const keyDir = await mkdtemp(join(tmpdir(), 'gantry-key-'));
  stack.defer(() => rm(keyDir, { recursive: true }));
  const signingKey = await loadSigningKey(keyDir);
  const app = fastify();
  await app.register(registerAuth, {
    prefix: '/auth/v1',
    databaseUrl: database.authDatabaseUrl,
    signingKey,
    issuer: ISSUER,
    secretKey: SECRET_KEY,
    isSignUpOpen: true,
    signInsPerMinute: 5,
    ...o,
  });
  stack.defer(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const admin = stack.adopt(new pg.Pool({ connectionString: database.adminDatabaseUrl, max: 1 }), (pool) =>
    pool.end(),
  );

  const newClient = (key = 'sb_publishable_any') =>
    createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  const resources = stack.move();
  return {
    url,
    database,
    signingKey,
    /** The database as its superuser, for what time or an accident would do to it. */
    admin,
    newClient,
    /** A new user who has signed in. */
    async signIn() {
      const user = await database.createUser();
      const client = newClient();
      const { data, error } = await client.auth.signInWithPassword(user);
      if (error) throw error;
      return { ...user, client, session: data.session };
    },
    /** What the endpoint answers to exactly this. */
    async send(method: string, path: string, body?: unknown, session?: Session) {
      const response = await fetch(`${url}/auth/v1${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(session && { authorization: `Bearer ${session.access_token}` }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const answer: unknown = text && JSON.parse(text);
      return { status: response.status, headers: response.headers, answer };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
