import { readFile } from 'node:fs/promises';

import { EmbeddedError } from '../errors.ts';

/** Who runs Postgres: this process's own user (`runAs` is null), or another that root hands it to. */
export type PostgresUser = { name: string; runAs: { uid: number; gid: number } | null };

/**
 * Postgres refuses to run as root. Root hands it to `postgres`, or to `nobody` where that user does not exist:
 * initdb wants an entry in the password file, so an invented number would not do.
 *
 * @throws {EmbeddedError} POSTGRES_FAILED when root has neither
 */
export async function choosePostgresUser(): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { name: 'this user', runAs: null };
  return pickPostgresUser(await readFile('/etc/passwd', 'utf8'));
}

/** Picks from the text of a password file. @throws {EmbeddedError} POSTGRES_FAILED */
export function pickPostgresUser(passwd: string): PostgresUser {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  const [entry] = ['postgres', 'nobody'].flatMap((name) => entries.filter((fields) => fields[0] === name));
  const [name = '', , uid = '', gid = ''] = entry ?? [];
  if (!entry || Number(uid) === 0) {
    throw new EmbeddedError(
      'POSTGRES_FAILED',
      'Postgres cannot run as root, and there is no user postgres or nobody. Run Gantry as a normal user.',
    );
  }
  return { name: `the user ${name}`, runAs: { uid: Number(uid), gid: Number(gid) } };
}
