import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type pg from 'pg';
import { inject } from 'vitest';

import { hashPassword } from '../auth/passwords/hash-password.ts';
import { createUser } from '../auth/users.ts';
import { withClient } from '../postgres/connection.ts';

declare module 'vitest' {
  interface ProvidedContext {
    gantryDatabaseUrls: { admin: string; postgres: string; auth: string };
    /** Of users whose password no test cares about: a hash takes 50 ms. */
    gantryPassword: { password: string; hash: string };
  }
}

/** A database of its own for one test file or test, with the whole schema in it. */
export type TestDatabase = {
  /** As the role `postgres`, as apps get it in DATABASE_URL. */
  databaseUrl: string;
  /** As the owner of the schema `auth`, for the sign-in surface. */
  authDatabaseUrl: string;
  /** As the superuser: for what a test does to the server itself. */
  adminDatabaseUrl: string;
  createUser(o?: {
    email?: string;
    password?: string;
    isAdmin?: boolean;
  }): Promise<{ id: string; email: string; password: string }>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Clones the template database of this test run. Needs the package's global set-up in the vitest configuration. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const urls = inject('gantryDatabaseUrls');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(urls.admin, (client) =>
    client.query(`create database ${name} template gantry_template owner postgres strategy file_copy`),
  );
  const at = (url: string) => {
    const own = new URL(url);
    own.pathname = `/${name}`;
    return own.href;
  };
  return {
    databaseUrl: at(urls.postgres),
    authDatabaseUrl: at(urls.auth),
    adminDatabaseUrl: at(urls.admin),
    async createUser(o = {}) {
      const email = o.email ?? `${randomBytes(6).toString('hex')}@example.com`;
      const usual = inject('gantryPassword');
      const password = o.password ?? usual.password;
      const passwordHash = o.password === undefined ? usual.hash : await hashPassword(password);
      const { id } = await withClient(at(urls.auth), (client) =>
        createUser(client, {
          email,
          passwordHash,
          appMetadata: o.isAdmin ? { role: 'admin' } : {},
          userMetadata: {},
        }),
      );
      return { id, email, password };
    },
    [Symbol.asyncDispose]: () =>
      withClient(urls.admin, async (client) => {
        const leaked = await findLeakedConnections(client, name);
        await client.query(`drop database ${name} with (force)`);
        if (leaked.length > 0) throw new Error(`Connections were left open: ${leaked.join(', ')}`);
      }),
  };
}

/** Names the connections that a test has forgotten. One that was closed just now may need a moment to go. */
async function findLeakedConnections(client: pg.Client, database: string): Promise<string[]> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const { rows } = await client.query<{ name: string }>(
      `select coalesce(nullif(application_name, ''), 'unnamed') || ': ' || left(query, 80) as name
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map((row) => row.name);
    await pause(20);
  }
}
