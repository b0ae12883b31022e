import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { isAlive } from '../is-alive.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { StartOptions } from './start-postgres.ts';
import { spawnWatched } from './watchdog.ts';

/**
 * Makes the cluster: beside its place, then moved there. An initdb that was cut short would leave a directory
 * that looks whole and starts nothing.
 *
 * @throws {EmbeddedError} POSTGRES_FAILED
 */
export async function initialiseCluster(options: StartOptions): Promise<void> {
  const { paths, user, binaries, passwords, runAs, log } = options;
  await removeAbandonedDrafts(paths.cluster);
  const draft = `${paths.cluster}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const passwordFile = join(paths.socket, basename(draft));
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, passwords.supabase_admin, { mode: 0o600 });
  try {
    if (user.runAs) {
      await chown(draft, user.runAs.uid, user.runAs.gid);
      await chown(passwordFile, user.runAs.uid, user.runAs.gid);
    }
    const initdb = await spawnWatched(
      [
        binaries.initdb,
        `--pgdata=${draft}`,
        '--username=supabase_admin',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
      ],
      runAs,
      log,
    );
    if ((await initdb.exited) !== 0) throw postgresFailure('initdb failed', initdb.lastLines);
    await rename(draft, paths.cluster).catch(ignoreFilled);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** Another process made the cluster in the meantime: then that one is used. */
function ignoreFilled(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
}

async function removeAbandonedDrafts(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}.new-`;
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (isAlive(pid)) continue;
    // Its initdb may be ending at this moment and still write; what cannot be removed now is litter, no obstacle.
    const draft = join(dirname(cluster), name);
    await rm(draft, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }).catch(() => {});
  }
}
