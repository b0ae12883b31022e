import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { checkDatabase, createServicePool, openWorkerSession } from '../../src/index.ts';
import { createFixture } from '../fixture.ts';
import { hasPgbouncer, startPgbouncer } from './pgbouncer.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../supabase/migrations');

describe.skipIf(!hasPgbouncer)('behind pgbouncer (skipped where it is not installed)', () => {
  test.each([
    ['idle', {}],
    ['with one server connection', { poolSize: 1 }],
    ['that takes turns', { settings: 'server_round_robin = 1' }],
  ])('a transaction pooler %s is refused, with what to set instead', async (_what, settings) => {
    await using f = await createFixture();
    await using pooler = await startPgbouncer(f.database.databaseUrl, { mode: 'transaction', ...settings });
    // Other clients have left server connections behind, as on a pooler that is in use.
    const pool = createServicePool({ databaseUrl: pooler.url, applicationName: 'busy', max: 4 });
    await Promise.all(Array.from({ length: 4 }, () => pool.query('select pg_sleep(0.05)')));
    await expect(checkDatabase(pooler.url, MIGRATIONS)).rejects.toThrow(
      /^DATABASE_URL: this is a transaction pooler.*session mode.*5432/,
    );
    await pool.end();
  });

  test('a session pooler is accepted, and delivers what a worker waits for', async () => {
    await using f = await createFixture();
    await using pooler = await startPgbouncer(f.database.databaseUrl, { mode: 'session' });
    expect(await checkDatabase(pooler.url, MIGRATIONS)).toEqual([]);
    const heard = Promise.withResolvers<string>();
    await using session = await openWorkerSession({
      databaseUrl: pooler.url,
      applicationName: 'pooled',
      sessionKey: 7,
      onJobs: () => {},
      onCancel: heard.resolve,
    });
    await f.db.query(`select pg_notify('gantry_cancels', 'job-1')`);
    expect(await heard.promise).toBe('job-1');
    expect(session.isConnected).toBe(true);
  });
});

test('the database itself is accepted', async () => {
  await using f = await createFixture();
  expect(await checkDatabase(f.database.databaseUrl, MIGRATIONS)).toEqual([]);
});

test('what is wrong is said in one line, without the password', async () => {
  await using f = await createFixture();
  const url = new URL(f.database.databaseUrl);
  url.searchParams.delete('host');
  const at = (change: (u: URL) => void) => {
    const changed = new URL(url);
    change(changed);
    return checkDatabase(changed.href, MIGRATIONS);
  };
  await expect(at((u) => u.searchParams.set('sslmode', 'require'))).rejects.toThrow(
    /^DATABASE_URL: the server offers no encryption. Add \?sslmode=disable/,
  );
  await expect(at((u) => (u.password = 'hunter2'))).rejects.toThrow(
    /^DATABASE_URL: the server refuses user or password(?!.*hunter2)/,
  );
  await expect(at((u) => (u.port = '1'))).rejects.toThrow(/^DATABASE_URL: the database cannot be reached/);
  await expect(at((u) => u.searchParams.set('sslrootcert', '/no/such.crt'))).rejects.toThrow(
    /^DATABASE_URL: a certificate file could not be read/,
  );
});

test('a pool waits for a connection when the server has none left', async () => {
  await using f = await createFixture();
  await f.asOwner(`alter database ${await f.databaseName()} connection limit 3`);
  const pool = createServicePool({ databaseUrl: f.database.databaseUrl, applicationName: 'many', max: 8 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await pool.query('select 1 as n, pg_sleep(0.02)')).rows[0].n),
  );
  expect(answers).toEqual(Array.from({ length: 20 }, () => 1));
  await pool.end();
});

test('a database without its migrations is refused, and the line says what to run', async () => {
  await using f = await createFixture();
  const check = () => checkDatabase(f.database.databaseUrl, MIGRATIONS);
  await f.asOwner(`delete from supabase_migrations.schema_migrations where version = '20251001000000'`);
  await expect(check()).rejects.toThrow(
    /^DATABASE_URL: the database lacks 1 of \d+ migrations, 20251001000000 first. Run: supabase db push --remote$/,
  );
  await f.asOwner('drop schema supabase_migrations cascade');
  expect(await check()).toEqual([expect.stringContaining('it is not known which migrations were applied')]);
  await f.asOwner('drop schema gantry cascade');
  await expect(check()).rejects.toThrow(/^DATABASE_URL: the database lacks (\d+) of \1 migrations/);
});

test('the database of an unreleased version is refused, and the line says what to do', async () => {
  await using f = await createFixture();
  const check = () => checkDatabase(f.database.databaseUrl, MIGRATIONS);
  const refusal =
    /^DATABASE_URL: an unreleased version of Gantry made this database[^\n]*new Supabase project[^\n]*$/;
  await f.asOwner(`insert into supabase_migrations.schema_migrations (version) values ('20251124000000')`);
  expect(await check()).toEqual([]);
  await f.asOwner(`comment on schema gantry is 'Baseline 0123456789abcdef'`);
  await expect(check()).rejects.toThrow(refusal);
  await f.asOwner('comment on schema gantry is null');
  await expect(check()).rejects.toThrow(refusal);
  await f.asOwner('drop schema supabase_migrations cascade');
  await expect(check()).rejects.toThrow(refusal);
});
