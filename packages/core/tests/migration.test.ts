import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { applyMigrations } from '@gantry/embedded';
import pg from 'pg';
import { describe, expect, test } from 'vitest';

import {
  cancelJob,
  claimJobs,
  completeJob,
  failJob,
  retryJob,
  submitJob,
  submitJobs,
  withTransaction,
} from '../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS } from './fixture.ts';

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

/** Takes the schema of a database back to before a migration, without any job. */
async function goBackTo(f: Fixture, version: string): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-migrations-'));
  for (const file of await readdir(MIGRATIONS))
    if (file < version) await copyFile(join(MIGRATIONS, file), join(directory, file));
  await f.asOwner(`drop schema gantry, public, supabase_migrations cascade; delete from storage.buckets;
    create schema public authorization postgres; grant usage on schema public to anon, authenticated, service_role`);
  await applyMigrations(f.database.databaseUrl, directory);
  await f.asOwner(
    `select gantry.publish_service('a-service', 'A service', '', 'Tests', 'default', '1', '{}', null, 60000, 3)`,
  );
  return { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

describe('a queue with jobs gets its tables of what is ready and what runs', () => {
  const VERSION = '20251125000000';
  const migrate = (f: Fixture) => applyMigrations(f.database.databaseUrl, MIGRATIONS);

  test('with every job in the state in which it is, also those that come meanwhile', async () => {
    await using f = await createFixture();
    await using _ = await goBackTo(f, VERSION);
    await f.setLimit(null);
    const workerId = await f.addWorker();
    const jobIds = await Promise.all(Array.from({ length: 6 }, () => f.submit()));
    const [running, ...ended] = (await f.claim(workerId, { limit: 5 })).map(({ jobId }) => jobId);
    const [completed = '', failed = '', backsOff = '', cancelled = ''] = ended;
    await completeJob(f.db, { jobId: completed, attempt: 1, summary: null, ...END });
    await failJob(f.db, { jobId: failed, attempt: 1, ...FAIL, isPermanent: true });
    await failJob(f.db, { jobId: backsOff, attempt: 1, ...FAIL, backoffMs: HOUR_MS, maxBackoffMs: HOUR_MS });
    await cancelJob(f.db, { jobId: cancelled, reason: 'x' });
    const dependent = await f.submit({ dependsOn: [{ jobId: running ?? '' }] });
    const ready = jobIds.find((jobId) => jobId !== running && !ended.includes(jobId));
    const late = await f.db.connect();
    await late.query('begin');
    const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
    const { jobId: meanwhile } = await submitJob(late, job);
    await completeJob(late, { jobId: running ?? '', attempt: 1, summary: null, ...END });

    const migrated = migrate(f);
    await f.untilBlocked(1);
    await late.query('commit');
    late.release();

    expect(await migrated).toContain(VERSION);
    const claimed = await f.claim(workerId, { limit: 10 });
    expect(claimed.map(({ jobId }) => jobId)).toEqual([ready, dependent, meanwhile]);
    await retryJob(f.db, { jobId: failed, reason: 'again' });
    await f.setClock(2 * HOUR_MS);
    const later = await f.claim(workerId, { limit: 10 });
    expect(later.map(({ jobId }) => jobId).toSorted()).toEqual([failed, backsOff].toSorted());
    const { rows } = await f.db.query('select job_id from gantry.running_jobs');
    expect(rows).toHaveLength(5);
  });

  test('and rows so that they are claimed in their pages', async () => {
    await using f = await createFixture();
    await using _ = await goBackTo(f, VERSION);
    await f.setLimit(null);
    const workerId = await f.addWorker();
    const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
    await submitJobs(
      f.db,
      Array.from({ length: 100 }, () => job),
    );
    await migrate(f);
    await withTransaction(f.db, async (db) => {
      await claimJobs(db, { workerId, limit: 100, leaseMs: 60_000 });
      const { rows } = await db.query(
        `select n_tup_upd::integer as updated, n_tup_hot_upd::integer as "inPage" from pg_stat_xact_user_tables
         where relname = 'automation_jobs'`,
      );
      expect(rows).toEqual([{ updated: 100, inPage: 100 }]);
    });
  });
});
