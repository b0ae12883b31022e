import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type pg from 'pg';

/**
 * Checks that the database has every migration of this version, and began with the same baseline. More migrations are
 * fine: a newer version is being rolled out.
 *
 * @returns what could not be checked; null when all is well
 * @throws {Error} one line that says what to run
 */
export async function checkSchema(client: pg.Client, migrationsDir: string): Promise<string | null> {
  const files = (await readdir(migrationsDir)).filter((name) => /^\d+_.*\.sql$/.test(name)).toSorted();
  const { rows } = await client.query<{ mark: string | null }>(
    `select obj_description(oid, 'pg_namespace') as mark from pg_namespace where nspname = 'gantry'`,
  );
  if (rows[0] && rows[0].mark !== (await readCursor(join(migrationsDir, files[0] ?? '')))) {
    throw new Error(
      'DATABASE_URL: an unreleased version of Gantry made this database, and its data cannot be converted. Set DATABASE_URL, SUPABASE_URL and the keys to those of a new Supabase project, or start the version that made it.',
    );
  }
  const wanted = files.map((name) => name.split('_')[0] ?? '');
  const applied = await readApplied(client);
  if (applied === null && rows[0]) {
    return 'DATABASE_URL: supabase_migrations.schema_migrations cannot be read, so it is not known which migrations were applied.';
  }
  const missing = wanted.filter((version) => !applied?.has(version));
  if (missing.length === 0) return null;
  throw new Error(
    `DATABASE_URL: the database lacks ${missing.length} of ${wanted.length} migrations, ${missing[0]} first. Run: supabase db push --remote`,
  );
}

/** The comment that the baseline leaves on the schema (scripts/baseline.ts). */
async function readCursor(baseline: string): Promise<string | undefined> {
  return /^comment on schema gantry is '(.*)';$/m.exec(await readFile(baseline, 'utf8'))?.[1];
}

/** The versions that the Supabase CLI has recorded; null where they cannot be read. */
async function readApplied(client: pg.Client): Promise<Set<string> | null> {
  try {
    const { rows } = await client.query<{ version: string }>(
      'select version from supabase_migrations.schema_migrations',
    );
    return new Set(rows.map(({ version }) => version));
  } catch (error) {
    // No such schema or table, or no right to read it.
    if (error instanceof Error && 'code' in error && ['3F000', '42P01', '42501'].includes(String(error.code)))
      return null;
    throw error;
  }
}
