import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { EmbeddedError } from './errors.ts';
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
 * Makes the directories, each owned by whom it serves.
 *
 * @throws {EmbeddedError} DATA_DIR_UNREADABLE
 */
export async function prepareDataDir(directory: string, user: PostgresUser): Promise<DataDir> {
  const root = resolve(directory);
  const paths = { root, cluster: join(root, 'postgres'), socket: join(root, 'run') };
  try {
    await mkdir(root, { recursive: true, mode: 0o755 });
    for (const path of [paths.cluster, paths.socket]) {
      await mkdir(path, { recursive: true });
      await chmod(path, 0o700);
      if (user.runAs) await chown(path, user.runAs.uid, user.runAs.gid);
    }
  } catch (cause) {
    throw new EmbeddedError(
      'DATA_DIR_UNREADABLE',
      `The data directory ${root} cannot be used by ${user.name}: ${cause instanceof Error ? cause.message : String(cause)}. Set GANTRY_DATA_DIR to a directory that it may write to.`,
      { cause },
    );
  }
  return paths;
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
  const existing = await readFile(path, 'utf8').catch(ignoreMissing);
  if (existing !== undefined) return schema.parse(JSON.parse(existing));
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify(await make(), null, 2), { mode: 0o600, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}

function ignoreMissing(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT')) throw error;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
