import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import { EmbeddedError } from '../errors.ts';
import type { PostgresUser } from './postgres-user.ts';

/** How to start a program as the user that runs Postgres. */
export type RunAs = {
  /** For `spawn`. */
  ids: { uid?: number; gid?: number };
  /** Words before the command. */
  prefix: string[];
};

/**
 * Finds out how the user that runs Postgres can reach these paths. Normally it just can. A checkout or data
 * directory below a closed home such as /root is out of its reach, so there the process keeps the one capability
 * that opens paths, and no other.
 *
 * @throws {EmbeddedError} DATA_DIR_UNREADABLE when the paths are closed and root has no such capability to give
 */
export async function planRunAs(user: PostgresUser, paths: string[]): Promise<RunAs> {
  if (!user.runAs) return { ids: {}, prefix: [] };
  const closed = await findClosedDirectory(user.runAs, paths);
  if (closed === null) return { ids: user.runAs, prefix: [] };
  const prefix = [
    'setpriv',
    `--reuid=${user.runAs.uid}`,
    `--regid=${user.runAs.gid}`,
    '--clear-groups',
    '--bounding-set=-all,+dac_override',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    // initdb asks access(2) whether it finds "postgres"; without this bit the kernel ignores the capability there.
    '--securebits=+no_setuid_fixup',
  ];
  const [program = '', ...args] = prefix;
  try {
    await promisify(execFile)(program, [...args, 'true']);
  } catch (cause) {
    throw new EmbeddedError(
      'DATA_DIR_UNREADABLE',
      `${closed} is closed to ${user.name}, who runs Postgres because root may not. Open it with "chmod o+x ${closed}", set GANTRY_DATA_DIR to a directory elsewhere, or run Gantry as a normal user.`,
      { cause },
    );
  }
  return { ids: {}, prefix };
}

/** The first directory above one of the paths that this user may not pass through. */
export async function findClosedDirectory(
  { uid, gid }: { uid: number; gid: number },
  paths: string[],
): Promise<string | null> {
  for (const path of paths) {
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      const entry = await stat(directory);
      const passable = entry.uid === uid ? 0o100 : entry.gid === gid ? 0o010 : 0o001;
      if ((entry.mode & passable) === 0) return directory;
      if (directory === dirname(directory)) break;
    }
  }
  return null;
}
