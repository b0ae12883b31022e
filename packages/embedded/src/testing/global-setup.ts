import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { withClient } from '../connection.ts';
import { openEmbedded } from '../open-embedded.ts';
import { readAdminUrl } from './read-admin-url.ts';

/** Starts one Postgres for the whole test run and makes the template that test databases are cloned from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-test-'));
  const database = await openEmbedded({
    dataDir,
    host: '127.0.0.1',
    migrationsDir: join(import.meta.dirname, '../../../../supabase/migrations'),
  });
  const admin = await readAdminUrl(dataDir, database.databaseUrl);
  await withClient(database.authDatabaseUrl, (client) => client.query('delete from auth.users'));
  // A template must not be in use, so it is a copy; copies are made from the maintenance database.
  const maintenance = new URL(admin);
  maintenance.pathname = '/template1';
  await withClient(maintenance.href, (client) =>
    client.query('create database gantry_template template postgres owner postgres is_template true'),
  );
  project.provide('gantryDatabaseUrls', {
    admin: maintenance.href,
    postgres: database.databaseUrl,
    auth: database.authDatabaseUrl,
  });
  return async () => {
    await database[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  };
}
