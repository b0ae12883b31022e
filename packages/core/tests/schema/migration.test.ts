import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { applyMigrations } from '@gantry/embedded';
import { createTestDatabase } from '@gantry/embedded/testing';
import pg from 'pg';
import { expect, test } from 'vitest';

import { claimJobs, submitJobs, withTransaction } from '../../src/index.ts';
import { createFixture } from '../fixture.ts';
import { readCatalog } from './catalog.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../supabase/migrations');
const SCHEMAS = join(import.meta.dirname, '../../../../supabase/schemas');

test('the migrations make the database that the schema files describe', async () => {
  await using migrated = await createTestDatabase();
  await using described = await createTestDatabase();
  await withClient(described.adminDatabaseUrl, (admin) =>
    admin.query(`do $$
      declare v_table name;
      begin
        for v_table in select tablename from pg_tables where schemaname = 'public' loop
          execute format('drop table public.%I cascade', v_table);
        end loop;
        drop schema gantry cascade;
        delete from storage.buckets;
      end $$`),
  );
  await withClient(described.databaseUrl, async (owner) => {
    for (const file of (await readdir(SCHEMAS)).toSorted())
      await owner.query(await readFile(join(SCHEMAS, file), 'utf8'));
  });
  expect(await withClient(migrated.databaseUrl, readCatalog)).toEqual(
    await withClient(described.databaseUrl, readCatalog),
  );
});

/** Runs something on a connection of its own. */
async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('migrations that were applied are not applied again, also by two at once', async () => {
  await using f = await createFixture();
  const apply = () => applyMigrations(f.database.databaseUrl, MIGRATIONS);
  expect(await Promise.all([apply(), apply()])).toEqual([[], []]);
});

test('every foreign key has an index to find its rows by', async () => {
  await using f = await createFixture();
  const { rows } = await f.db.query(
    `select c.conrelid::regclass::text as table, c.conname as key from pg_constraint c
     where c.contype = 'f' and c.connamespace in ('public'::regnamespace, 'gantry'::regnamespace)
       and not exists (
         select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])`,
  );
  expect(rows).toEqual([]);
});

test('what must hold of a job is held by the database, whoever writes', async () => {
  await using f = await createFixture();
  const jobId = await f.submit();
  for (const change of [
    `priority = 7`,
    `status = 'processing'`,
    `status = 'cancelled'`,
    `is_ready = false, status = 'cancelled', finished_at = now()`,
    `attempts_used = 1`,
    `error_code = 'X'`,
    `idempotency_key = 'k'`,
    `progress_done = -1`,
  ]) {
    await expect(
      f.asOwner(`update public.automation_jobs set ${change} where id = $1`, [jobId]),
      change,
    ).rejects.toMatchObject({ code: '23514' });
  }
});

test('the queue’s session locks are seen by the role that looks for them', async () => {
  await using f = await createFixture();
  const client = new pg.Client({ connectionString: f.database.databaseUrl });
  await client.connect();
  await client.query('select pg_advisory_lock(gantry.session_lock_class(), 2147483647)');
  const { rows } = await f.db.query(
    `select objid::bigint as key from pg_locks where locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database()) and classid = gantry.session_lock_class()::oid`,
  );
  await client.end();
  expect(rows).toEqual([{ key: '2147483647' }]);
});

test('rows are written so that they are claimed in their pages', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 100 }, () => job),
  );
  await withTransaction(f.db, async (db) => {
    await claimJobs(db, { workerId, limit: 100, leaseMs: 60_000 });
    const { rows } = await db.query(
      `select n_tup_upd::integer as updated, n_tup_hot_upd::integer as "inPage" from pg_stat_xact_user_tables
       where relname = 'automation_jobs'`,
    );
    expect(rows).toEqual([{ updated: 100, inPage: 100 }]);
  });
});
