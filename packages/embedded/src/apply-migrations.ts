import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type pg from 'pg';

import { withClient } from './connection.ts';

/** Any number, the same for all who migrate: one at a time. */
const MIGRATION_LOCK = 4_710_223;

/**
 * Applies the migrations that the database has not seen, each in a transaction of its own, and `seed.sql` beside
 * the directory after the very first. Keeps the record that the Supabase CLI keeps
 * (`supabase_migrations.schema_migrations`), so that both tools can take turns.
 *
 * @returns the versions applied now
 */
export function applyMigrations(url: string, migrationsDir: string): Promise<string[]> {
  return withClient(url, (client) =>
    underLock(client, async () => {
      const schema = 'supabase_migrations';
      const isNew = (await readVersions(client, schema)).size === 0;
      const applied = await applyFiles(client, schema, migrationsDir);
      if (isNew) {
        const seed = await readFile(join(migrationsDir, '..', 'seed.sql'), 'utf8').catch(() => '');
        if (seed) await client.query(seed);
      }
      return applied;
    }),
  );
}

/** Applies the numbered files of a directory once each, recorded in `<schema>.schema_migrations`. */
export async function applyFiles(client: pg.Client, schema: string, directory: string): Promise<string[]> {
  const done = await readVersions(client, schema);
  const applied: string[] = [];
  const files = (await readdir(directory)).filter((name) => /^\d+_.*\.sql$/.test(name)).toSorted();
  for (const file of files) {
    const [version = '', ...rest] = basename(file, '.sql').split('_');
    if (done.has(version)) continue;
    const sql = await readFile(join(directory, file), 'utf8');
    try {
      await client.query('begin');
      await client.query(sql);
      await client.query(
        `insert into ${schema}.schema_migrations (version, name, statements) values ($1, $2, array[$3])`,
        [version, rest.join('_'), sql],
      );
      await client.query('commit');
    } catch (cause) {
      await client.query('rollback');
      throw new Error(
        `The migration ${file} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
    applied.push(version);
  }
  return applied;
}

async function readVersions(client: pg.Client, schema: string): Promise<Set<string>> {
  await client.query(`create schema if not exists ${schema}`);
  await client.query(
    `create table if not exists ${schema}.schema_migrations (version text primary key, statements text[], name text)`,
  );
  const { rows } = await client.query<{ version: string }>(`select version from ${schema}.schema_migrations`);
  return new Set(rows.map((row) => row.version));
}

async function underLock<T>(client: pg.Client, run: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    return await run();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}
