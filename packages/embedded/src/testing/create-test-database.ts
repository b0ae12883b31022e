import { randomBytes } from 'node:crypto';

import { inject } from 'vitest';

import { createUser } from '../auth/users.ts';
import { withClient } from '../connection.ts';

declare module 'vitest' {
  interface ProvidedContext {
    gantryDatabaseUrls: { admin: string; postgres: string; auth: string };
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
    client.query(`create database ${name} template gantry_template owner postgres`),
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
      const password = o.password ?? 'a-good-password';
      const { id } = await withClient(at(urls.auth), (client) =>
        createUser(client, {
          email,
          password,
          appMetadata: o.isAdmin ? { role: 'admin' } : {},
          userMetadata: {},
        }),
      );
      return { id, email, password };
    },
    async [Symbol.asyncDispose]() {
      await withClient(urls.admin, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}
