import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

import { EmbeddedError } from '../errors.ts';
import type { PostgresUser } from './postgres-user.ts';

/** Where the embedded mode keeps its things, below GANTRY_DATA_DIR. */
export type DataDir = {
  root: string;
  /** The database cluster: owned by the user that runs Postgres. */
  cluster: string;
  /** Directory of Postgres's Unix socket. */
  socket: string;
};

const passwordsSchema = z.object({
  supabase_admin: z.string(),
  postgres: z.string(),
  supabase_auth_admin: z.string(),
});

/** Passwords of the login roles, random for each data directory. */
export type Passwords = z.infer<typeof passwordsSchema>;

/**
 * Makes the directories.
 *
 * @throws {EmbeddedError} DATA_DIR_UNREADABLE
 */
export async function prepareDataDir(directory: string): Promise<DataDir> {
  const wanted = resolve(directory);
  try {
    await mkdir(wanted, { recursive: true, mode: 0o755 });
    // The kernel knows a postmaster's directory by its real path only.
    const root = await realpath(wanted);
    const paths = { root, cluster: join(root, 'postgres'), socket: join(root, 'run') };
    for (const path of [paths.cluster, paths.socket]) await mkdir(path, { recursive: true, mode: 0o700 });
    return paths;
  } catch (cause) {
    throw await unusable(wanted, cause);
  }
}

/**
 * Gives cluster and socket to the user that is about to run Postgres. The files inside can belong to another one
 * when a backup was put back, or when a user `postgres` has appeared since.
 *
 * @throws {EmbeddedError} DATA_DIR_UNREADABLE
 */
export async function giveToPostgres(paths: DataDir, { runAs }: PostgresUser): Promise<void> {
  try {
    for (const path of [paths.cluster, paths.socket]) {
      await chmod(path, 0o700);
      if (!runAs) continue;
      const [inside] = await readdir(path);
      const isForeign = inside !== undefined && (await lstat(join(path, inside))).uid !== runAs.uid;
      if (isForeign) await promisify(execFile)('chown', ['-Rh', `${runAs.uid}:${runAs.gid}`, path]);
      else await chown(path, runAs.uid, runAs.gid);
    }
  } catch (cause) {
    throw await unusable(paths.root, cause);
  }
}

/** Reads the passwords of the data directory, or makes them the first time. */
export function keepPasswords(root: string): Promise<Passwords> {
  const make = () => randomBytes(24).toString('base64url');
  return keepSecretFile(join(root, 'passwords.json'), passwordsSchema, async () => ({
    supabase_admin: make(),
    postgres: make(),
    supabase_auth_admin: make(),
  }));
}

/**
 * Reads a JSON file that only its owner may read, or makes it. Of several processes that make it at the same
 * moment one wins and all get what it wrote: a link to a finished file either exists whole or not at all.
 */
export async function keepSecretFile<T>(
  path: string,
  schema: z.ZodType<T>,
  make: () => Promise<T>,
): Promise<T> {
  const existing = await readSecretFile(path, schema);
  if (existing !== null) return existing;
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, JSON.stringify(await make(), null, 2), { mode: 0o600, flush: true });
    await link(draft, path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw await unusable(dirname(path), error);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
  const kept = await readSecretFile(path, schema);
  if (kept === null) throw new EmbeddedError('DATA_DIR_UNREADABLE', `${path} was removed while it was made.`);
  return kept;
}

async function readSecretFile<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return null;
    if (isErrno(cause, 'EACCES')) throw await unusable(path, cause);
    // Neither the parser's words, which would quote the secret, nor the schema's many lines.
    throw new EmbeddedError(
      'DATA_DIR_UNREADABLE',
      `${path} is damaged. Restore it, or set GANTRY_DATA_DIR to another directory.`,
    );
  }
}

/** Says what is in the way: the file system, the disk, the owner or the mode of what is there. */
async function unusable(path: string, cause: unknown): Promise<EmbeddedError> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EmbeddedError('DATA_DIR_UNREADABLE', `${await explain(path, cause)} (${reason})`, { cause });
}

const ELSEWHERE = 'or set GANTRY_DATA_DIR to another directory.';

async function explain(path: string, cause: unknown): Promise<string> {
  const there = await findExisting(path);
  // Node makes directories one in the other and then says of a read-only file system that something is missing.
  const refusal = await access(there, constants.W_OK).then(
    () => cause,
    (error: unknown) => error,
  );
  if (isErrno(refusal, 'EROFS')) {
    return `${there} is on a read-only file system. Mount it for writing, ${ELSEWHERE}`;
  }
  if (isErrno(refusal, 'ENOSPC') || isErrno(refusal, 'EDQUOT')) {
    return `There is no room left for ${path}. Free some, ${ELSEWHERE}`;
  }
  if (!isErrno(refusal, 'EACCES') && !isErrno(refusal, 'EPERM')) {
    return `${path} cannot be used. Repair it, ${ELSEWHERE}`;
  }
  const owner = await lstat(there).then(
    ({ uid }) => uid,
    () => null,
  );
  if (owner === process.getuid?.()) {
    return `${there} is read-only by its mode. Run "chmod -R u+rwX ${there}", ${ELSEWHERE}`;
  }
  return `${there} belongs to another user${owner === null ? '' : ` (uid ${owner})`}. Run Gantry as its owner, ${ELSEWHERE}`;
}

/** A path or, where there is nothing yet, the nearest directory above it. */
async function findExisting(path: string): Promise<string> {
  const above = dirname(path);
  const isMissing = await lstat(path).then(
    () => false,
    (error: unknown) => isErrno(error, 'ENOENT'),
  );
  return isMissing && above !== path ? findExisting(above) : path;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
