import { EmbeddedError } from './errors.ts';
import { canonicalSql } from './split-statements.ts';

/** A migration as a file holds it. */
export type Migration = { version: string; name: string; file: string; sql: string };

/** A migration as the database has recorded it. Tools other than ours may have left its statements out. */
export type AppliedMigration = { version: string; name: string | null; statements: string[] | null };

const WHAT_TO_DO =
  'Start the version of Gantry that made it, or set GANTRY_DATA_DIR to a new directory. Nothing was changed.';

/**
 * Compares what made a database with what would make it now. Comments and blanks between statements make no difference;
 * what stands inside of quotes does, such as the body of a function.
 *
 * @throws {EmbeddedError} SCHEMA_MISMATCH naming the first migration that is not here, or has another text
 */
export function checkHistory(applied: AppliedMigration[], migrations: Migration[]): void {
  const byVersion = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, name, statements } of applied) {
    const migration = byVersion.get(version);
    if (!migration) {
      throw mismatch(
        `another version of Gantry made this database, with a migration that this one lacks (${name ? `${version}_${name}` : version})`,
      );
    }
    if (!statements || statements.length === 0) continue;
    if (canonicalSql(statements.join(';\n')) !== canonicalSql(migration.sql)) {
      throw mismatch(
        `another version of Gantry made this database: the migration ${migration.file} has a different text now`,
      );
    }
  }
}

function mismatch(what: string): EmbeddedError {
  return new EmbeddedError('SCHEMA_MISMATCH', `The database does not fit: ${what}. ${WHAT_TO_DO}`);
}
