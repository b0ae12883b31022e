import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { hashPassword } from '../auth/passwords/hash-password.ts';
import { openDatabase } from '../open-database.ts';
import { withClient } from '../postgres/connection.ts';
import { copyDirectory } from './copy-directory.ts';
import { readAdminUrl } from './read-admin-url.ts';

const PASSWORD = 'a-good-password';

/** Starts one Postgres for the whole test run and makes the template that test databases are cloned from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'gantry-test-'));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const dataDir = join(home, 'data');
  const options = { dataDir, migrationsDir: join(import.meta.dirname, '../../../../supabase/migrations') };
  await (await openDatabase(options))[Symbol.asyncDispose]();
  const preparedDir = join(home, 'prepared');
  await copyDirectory(dataDir, preparedDir);
  // Those who run copies side by side must not want the same port.
  await rm(join(preparedDir, 'port'));
  const database = stack.use(await openDatabase(options));
  // A template must not be in use, so it is a copy; copies are made from the maintenance database.
  const maintenance = new URL(await readAdminUrl(dataDir, database.databaseUrl));
  maintenance.pathname = '/template1';
  await withClient(maintenance.href, async (client) => {
    // No test cuts the power of the machine. Without these a clone costs a fifth.
    for (const setting of ['fsync', 'full_page_writes'])
      await client.query(`alter system set ${setting} = off`);
    await client.query('select pg_reload_conf()');
    await client.query('create database gantry_template template postgres owner postgres is_template true');
  });
  project.provide('gantryDatabaseUrls', {
    admin: maintenance.href,
    postgres: database.databaseUrl,
    auth: database.authDatabaseUrl,
  });
  project.provide('gantryPreparedDir', preparedDir);
  project.provide('gantryPassword', { password: PASSWORD, hash: await hashPassword(PASSWORD) });
  const resources = stack.move();
  return () => resources.disposeAsync();
}
