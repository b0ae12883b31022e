import { join } from 'node:path';

import { applyMigrations } from '@gantry/embedded';
import pg from 'pg';
import { expect, test } from 'vitest';

import { createFixture } from './fixture.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../supabase/migrations');

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
      f.db.query(`update public.automation_jobs set ${change} where id = $1`, [jobId]),
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
