import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { applyMigrations } from './apply-migrations.ts';
import { connectOnce, databaseUrl } from './connection.ts';
import { type DataDir, keepPasswords, type Passwords, prepareDataDir } from './data-dir.ts';
import { keepDemoAccounts } from './demo-accounts.ts';
import { EmbeddedError } from './errors.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresUser, type PostgresUser } from './postgres-user.ts';
import { findPostmaster } from './postmaster-file.ts';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';
import { shapeLikeSupabase } from './supabase-shape.ts';

/** How to open the embedded database. */
export type EmbeddedOptions = {
  /** Directory for everything that lasts; made if it is not there. */
  dataDir: string;
  /** The address that the product listens on: there are demo accounts only on a loopback address. */
  host: string;
  /** Directory of the SQL migrations; a `seed.sql` may stand beside it. */
  migrationsDir: string;
  /** Receives what Postgres says, line by line. */
  log?: (line: string) => void;
};

/** An open embedded database. */
export type EmbeddedDatabase = {
  /** As the role `postgres`, which is no superuser, as in a hosted Supabase project. */
  databaseUrl: string;
  /** As the role that owns the schema `auth`, for {@link registerAuth}. */
  authDatabaseUrl: string;
  /** False when a live Postgres of this data directory was adopted: then it outlives this process. */
  isOwner: boolean;
  /** Whether somebody can sign in with the published demo accounts. */
  hasDemoAccounts: boolean;
  /** Resolves when the Postgres that this process owns has ended, for whatever reason. Never, when adopted. */
  exited: Promise<void>;
  /** Stops Postgres if this process owns it. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens the database of a data directory: starts its Postgres, or adopts the one that runs, and brings roles,
 * schema and demo accounts up to date. The Postgres ends with the process that started it, even by SIGKILL.
 *
 * @throws {EmbeddedError}
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const log = options.log ?? (() => {});
  const user = await choosePostgresUser();
  const paths = await prepareDataDir(options.dataDir, user);
  const passwords = await keepPasswords(paths.root);
  await using _lock = await lockOpening(paths.root);

  const adopted = await adopt(paths, passwords);
  const owned = adopted ? null : await own({ paths, user, passwords, log });
  const port = adopted?.port ?? owned?.port ?? 0;
  const urlOf = (role: keyof Passwords) =>
    databaseUrl({ role, password: passwords[role], socket: paths.socket, port });
  try {
    if (owned) await shapeLikeSupabase(urlOf('supabase_admin'), passwords);
    await applyMigrations(urlOf('postgres'), options.migrationsDir);
    const hasDemoAccounts = await keepDemoAccounts(urlOf('supabase_auth_admin'), options.host);
    return {
      databaseUrl: urlOf('postgres'),
      authDatabaseUrl: urlOf('supabase_auth_admin'),
      isOwner: owned !== null,
      hasDemoAccounts,
      exited: owned?.exited ?? new Promise(() => {}),
      [Symbol.asyncDispose]: async () => owned?.stop(),
    };
  } catch (error) {
    await owned?.stop();
    throw error;
  }
}

async function own(o: {
  paths: DataDir;
  user: PostgresUser;
  passwords: Passwords;
  log: (line: string) => void;
}): Promise<RunningPostgres> {
  return startPostgres({ ...o, binaries: await findPostgresBinaries() });
}

/** A live Postgres of this directory is used, never trampled. One that is just stopping is waited for. */
async function adopt(paths: DataDir, passwords: Passwords): Promise<{ port: number } | null> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const postmaster = await findPostmaster(paths.cluster);
    if (!postmaster) return null;
    const url = databaseUrl({
      role: 'postgres',
      password: passwords.postgres,
      socket: paths.socket,
      port: postmaster.port,
    });
    if (postmaster.port > 0 && (await connectOnce(url))) return { port: postmaster.port };
    if (performance.now() > deadline) {
      throw new EmbeddedError(
        'DATA_DIR_LOCKED',
        `Another Postgres (pid ${postmaster.pid}) uses ${paths.cluster} and does not answer. Stop it, or set GANTRY_DATA_DIR to another directory.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Only one process at a time starts or adopts: two that find nothing running would both start one. */
async function lockOpening(root: string): Promise<AsyncDisposable> {
  const path = join(root, 'opening.lock');
  const deadline = performance.now() + 90_000;
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
    else if (performance.now() > deadline) {
      throw new EmbeddedError(
        'DATA_DIR_LOCKED',
        `Process ${holder || 'unknown'} is opening ${root} and does not finish. Stop it, then remove ${path}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
