import { EmbeddedError } from '../errors.ts';

/** A migration as a file holds it. */
export type Migration = { version: string; name: string; file: string; sql: string };

/** A migration as the database has recorded it. Tools other than ours may have left its statements out. */
export type AppliedMigration = { version: string; name: string | null; statements: string[] | null };

/**
 * Compares the migrations that made a database with those that would make it now.
 *
 * @throws {EmbeddedError} SCHEMA_MISMATCH naming the first migration that this version lacks, or that has changed
 */
export function checkHistory(applied: AppliedMigration[], migrations: Migration[]): void {
  const byVersion = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, name, statements } of applied) {
    const title = name ? `${version}_${name}` : version;
    const migration = byVersion.get(version);
    if (!migration) throw mismatch(`this one lacks its migration ${title}`);
    if (statements?.length && condense(statements.join('\n')) !== condense(migration.sql)) {
      throw mismatch(`its migration ${title} differs from this one`);
    }
  }
}

/** SQL without comment lines, blanks and semicolons, which tools record in different ways. */
function condense(sql: string): string {
  return sql.replaceAll(/^\s*--.*$/gm, '').replaceAll(/[\s;]+/g, '');
}

function mismatch(what: string): EmbeddedError {
  return new EmbeddedError(
    'SCHEMA_MISMATCH',
    `Another version of Gantry made this database: ${what}. Its data cannot be converted, and nothing was changed. To start anew, set GANTRY_DATA_DIR to a new directory or move the old one (.gantry by default) away; to keep the data, start the version that made it.`,
  );
}
