import { EmbeddedError } from './errors.ts';
import { applyMigrations } from './migrations/apply-migrations.ts';
import { shapeLikeSupabase } from './migrations/supabase-shape.ts';
import { databaseUrl, withClient } from './postgres/connection.ts';
import { keepPasswords, type Passwords, prepareDataDir } from './postgres/data-dir.ts';
import { keepPostgres } from './postgres/keep-postgres.ts';
import { findPostgresBinaries } from './postgres/postgres-binaries.ts';
import { choosePostgresUser } from './postgres/postgres-user.ts';
import { planRunAs } from './postgres/run-as.ts';

/** Where the database is, what belongs into it, and who hears what Postgres says. */
export type DatabaseOptions = {
  dataDir: string;
  migrationsDir: string;
  log?: (line: string) => void;
  /** How long a live Postgres may leave a connection without any answer before it is given up. 15 s by default. */
  silenceMs?: number;
};

/** A database that runs and has its schema, with or without people in it. */
export type OpenDatabase = {
  databaseUrl: string;
  authDatabaseUrl: string;
  isOwner: boolean;
  exited: Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Any number, the same for all who open a database: one at a time brings it up to date. */
const SET_UP_LOCK = 4_710_224;

/**
 * Starts or adopts the Postgres of a data directory and brings roles and schema up to date.
 *
 * @throws {EmbeddedError}
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const user = await choosePostgresUser();
  const paths = await prepareDataDir(options.dataDir);
  const passwords = await keepPasswords(paths.root);
  const binaries = await findPostgresBinaries();
  const runAs = await planRunAs(user, [paths.cluster, paths.socket, binaries.postgres]);
  const log = options.log ?? (() => {});
  const silenceMs = options.silenceMs ?? 15_000;
  const postgres = await keepPostgres({ paths, user, runAs, binaries, passwords, silenceMs, log });
  const urlOf = (role: keyof Passwords) =>
    databaseUrl({ role, password: passwords[role], socket: paths.socket, port: postgres.port });
  try {
    await withClient(urlOf('supabase_admin'), async (admin) => {
      await admin.query(`set lock_timeout = '120s'`);
      await admin.query('select pg_advisory_lock($1)', [SET_UP_LOCK]).catch((cause: unknown) => {
        throw new EmbeddedError(
          'DATA_DIR_LOCKED',
          `Another process is setting up the database in ${paths.root} and does not finish.`,
          { cause },
        );
      });
      await admin.query('set lock_timeout = 0');
      await shapeLikeSupabase(admin, passwords);
      await applyMigrations(urlOf('postgres'), options.migrationsDir);
    });
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return {
    databaseUrl: urlOf('postgres'),
    authDatabaseUrl: urlOf('supabase_auth_admin'),
    isOwner: postgres.isOwner,
    exited: postgres.exited,
    [Symbol.asyncDispose]: () => postgres.stop(),
  };
}
