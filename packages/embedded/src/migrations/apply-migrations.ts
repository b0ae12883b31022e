import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import pg from 'pg';
import { withClient } from '../postgres/connection.ts';
import { type AppliedMigration, checkHistory, type Migration } from './check-history.ts';

/** Any number, the same for all who migrate: one at a time. */
const MIGRATION_LOCK = 4_710_223;

/**
 * Applies the migrations that the database has not seen, each in a transaction of its own. Keeps the records that the
 * Supabase CLI keeps (`supabase_migrations.schema_migrations`), so that both tools can take turns.
 *
 * @returns the versions applied now
 * @throws {Error} naming the file and line that failed; nothing of that file is left
 * @throws {EmbeddedError} SCHEMA_MISMATCH when other migrations than these made the database; nothing was applied
 */
export function applyMigrations(url: string, migrationsDir: string): Promise<string[]> {
  return withClient(url, async (client) => {
    // Held until this client goes.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return applyFiles(client, 'supabase_migrations', migrationsDir);
  });
}

/** Applies the numbered files of a directory once each, recorded in `<schema>.schema_migrations`. */
export async function applyFiles(client: pg.Client, schema: string, directory: string): Promise<string[]> {
  await client.query(`create schema if not exists ${schema}`);
  await client.query(
    `create table if not exists ${schema}.schema_migrations (version text primary key, statements text[], name text)`,
  );
  const { rows: records } = await client.query<AppliedMigration>(
    `select version, name, statements from ${schema}.schema_migrations order by version`,
  );
  const migrations = await readMigrations(directory);
  checkHistory(records, migrations);
  const done = new Set(records.map((record) => record.version));
  const applied: string[] = [];
  for (const { version, name, file, sql } of migrations) {
    if (done.has(version)) continue;
    await applyOnce(client, `The migration ${file}`, sql, {
      text: `insert into ${schema}.schema_migrations (version, name, statements) values ($1, $2, $3)`,
      values: [version, name, [sql]],
    });
    applied.push(version);
  }
  return applied;
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((name) => /^\d+_.*\.sql$/.test(name)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const [version = '', ...rest] = basename(file, '.sql').split('_');
      return { version, name: rest.join('_'), file, sql: await readFile(join(directory, file), 'utf8') };
    }),
  );
}

/** Runs a file and its record in one transaction, free of what an earlier file has set for the session. */
async function applyOnce(
  client: pg.Client,
  what: string,
  sql: string,
  record: { text: string; values: unknown[] },
): Promise<void> {
  await client.query('reset all; reset role');
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('reset all; reset role');
    await client.query(record);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    const line = cause instanceof pg.DatabaseError ? lineOf(sql, cause) : '';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${what} failed${line}: ${reason}`, { cause });
  }
}

function lineOf(sql: string, { position }: pg.DatabaseError): string {
  return position ? ` at line ${sql.slice(0, Number(position)).split('\n').length}` : '';
}
