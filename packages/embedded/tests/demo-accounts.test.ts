import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { createClient } from '@supabase/supabase-js';
import fastify from 'fastify';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { setAccount } from '../src/accounts/set-account.ts';
import { DEMO_ACCOUNTS, type EmbeddedDatabase, loadSigningKey, registerAuth } from '../src/index.ts';
import { fillDataDir } from '../src/testing/index.ts';
import { createDataDir, query } from './data-dir.fixture.ts';

/** What the command below brings a database up to. */
const migrationsDir = join(import.meta.dirname, '../../../supabase/migrations');
const ACCOUNT_COMMAND = join(import.meta.dirname, '../../../scripts/account.ts');

/** Signs in through the HTTP surface, as the web app does. */
async function signIn(
  database: EmbeddedDatabase,
  dataDir: string,
  account: { email: string; password: string },
) {
  const app = fastify();
  await app.register(registerAuth, {
    prefix: '/auth/v1',
    databaseUrl: database.authDatabaseUrl,
    signingKey: await loadSigningKey(dataDir),
    issuer: 'http://issuer.test/auth/v1',
    secretKey: 'sb_secret_for_this_test',
    isSignUpOpen: false,
  });
  try {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const client = createClient(url, 'sb_publishable_any', {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { data, error } = await client.auth.signInWithPassword(account);
    return { error, claims: data.session && decodeJwt(data.session.access_token) };
  } finally {
    await app.close();
  }
}

test('sign in while Gantry is bound to loopback, one of them as an admin', async () => {
  await using directory = await createDataDir();
  await using database = await directory.open({ host: 'localhost' });
  expect(database.hasDemoAccounts).toBe(true);
  const [demo, admin] = [
    await signIn(database, directory.dataDir, { email: 'demo@gantry.local', password: 'gantry-demo' }),
    await signIn(database, directory.dataDir, { email: 'admin@gantry.local', password: 'gantry-admin' }),
  ];
  expect(demo.claims?.['app_metadata']).not.toHaveProperty('role');
  expect(admin.claims).toMatchObject({ role: 'authenticated', app_metadata: { role: 'admin' } });
});

test.each([
  { host: '0.0.0.0' },
  { publicUrl: 'https://gantry.example.com' },
  { allowedHosts: ['gantry.lan'] },
])('are not made in a new data directory that other machines reach by %j', async (reach) => {
  await using directory = await createDataDir();
  await using database = await directory.open(reach);
  expect(database.hasDemoAccounts).toBe(false);
  expect(await query(database.databaseUrl, 'select email from auth.users')).toEqual([]);
});

test('are not made where people have accounts already', async () => {
  await using directory = await createDataDir();
  {
    await using database = await directory.open({ host: '0.0.0.0' });
    await setAccount(database.authDatabaseUrl, {
      email: 'me@example.com',
      password: 'a word of my own',
      isAdmin: true,
    });
  }
  await using database = await directory.open();
  expect(database.hasDemoAccounts).toBe(false);
  expect(await query(database.databaseUrl, 'select email from auth.users')).toEqual([
    { email: 'me@example.com' },
  ]);
});

test('stop the start on another address until both have passwords of their own', async () => {
  await using directory = await createDataDir({ isNew: true });
  await fillDataDir(directory.dataDir);
  {
    await using database = await directory.open({ migrationsDir });
    expect(database.hasDemoAccounts).toBe(true);
  }
  const [demo, admin] = DEMO_ACCOUNTS;
  for (const { email } of [demo, admin]) {
    await expect(directory.open({ migrationsDir, host: '0.0.0.0' })).rejects.toMatchObject({
      name: 'EmbeddedError',
      code: 'DEMO_ACCOUNTS_NEED_LOOPBACK',
      message: expect.stringContaining(`pnpm account ${email}`),
    });
    await expect(
      directory.open({ migrationsDir, publicUrl: 'https://gantry.example.com' }),
    ).rejects.toMatchObject({
      code: 'DEMO_ACCOUNTS_NEED_LOOPBACK',
    });
    const command = promisify(execFile)(process.execPath, [ACCOUNT_COMMAND, email], {
      env: { ...process.env, GANTRY_DATA_DIR: directory.dataDir },
    });
    command.child.stdin?.end(`a word of my own\n`);
    expect((await command).stdout).toBe(`Changed the password of ${email}.\n`);
  }
  await using database = await directory.open({ migrationsDir, host: '0.0.0.0' });
  expect(database.hasDemoAccounts).toBe(false);
  const account = { email: admin.email, password: 'a word of my own' };
  expect((await signIn(database, directory.dataDir, account)).claims).toMatchObject({
    app_metadata: { role: 'admin' },
  });
  expect((await signIn(database, directory.dataDir, admin)).error?.code).toBe('invalid_credentials');
});

test('a first admin is made by the same command, with npm as well, with no demo accounts beside it', async () => {
  await using directory = await createDataDir({ isNew: true });
  const command = promisify(execFile)('npm', ['run', 'account', '--', 'me@example.com', '--admin'], {
    cwd: dirname(dirname(ACCOUNT_COMMAND)),
    env: { ...process.env, GANTRY_DATA_DIR: directory.dataDir },
  });
  command.child.stdin?.end('a word of my own\n');
  expect((await command).stdout).toContain('Made me@example.com.\nIt is an admin now.\n');
  await using database = await directory.open({ migrationsDir, host: '0.0.0.0' });
  expect(
    await query(database.databaseUrl, `select email, raw_app_meta_data ->> 'role' as role from auth.users`),
  ).toEqual([{ email: 'me@example.com', role: 'admin' }]);
});
