import { readdir } from 'node:fs/promises';

import type pg from 'pg';

/**
 * Checks that the database has every migration of this version. More than these are fine: a newer version is being rolled
 * out.
 *
 * @returns what could not be checked; null when all is well
 * @throws {Error} one line that says what to run
 */
export async function checkSchema(client: pg.Client, migrationsDir: string): Promise<string | null> {
  const wanted = (await readdir(migrationsDir)).flatMap((name) => /^(\d+)_.*\.sql$/.exec(name)?.[1] ?? []);
  const applied = await readApplied(client);
  if (applied === null) {
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regnamespace('gantry') is not null as exists`,
    );
    if (rows[0]?.exists) {
      return 'DATABASE_URL: supabase_migrations.schema_migrations cannot be read, so it is not known which migrations were applied.';
    }
  }
  const missing = wanted.filter((version) => !applied?.has(version)).toSorted();
  if (missing.length === 0) return null;
  throw new Error(
    `DATABASE_URL: the database lacks ${missing.length} of ${wanted.length} migrations, ${missing[0]} first. Run: supabase db push --include-seed --remote`,
  );
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
