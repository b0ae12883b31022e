import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { isAlive } from '../is-alive.ts';

/** What a running postmaster wrote about itself into its cluster. The port is 0 while it has not got that far. */
export type Postmaster = { pid: number; port: number };

/**
 * Reads `postmaster.pid` (line 1 pid, 4 port, as PostgreSQL's `miscadmin.h` defines them) and returns whether that
 * process is a postmaster of this cluster. A number that now belongs to another process is not.
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const [pid, , , port] = await readPidFile(cluster);
  if (!pid || !isAlive(Number(pid)) || !(await isPostmasterOf(cluster, Number(pid)))) return null;
  return { pid: Number(pid), port: Number(port ?? 0) };
}

/**
 * Removes a `postmaster.pid` whose number now belongs to another program. Postgres itself sees only that the
 * number is taken and refuses to start; in a container, where the same few numbers come again, it often is.
 */
export async function removeForeignPidFile(cluster: string): Promise<void> {
  const [pid] = await readPidFile(cluster);
  if (pid && isAlive(Number(pid)) && !(await findPostmaster(cluster))) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
  }
}

async function readPidFile(cluster: string): Promise<string[]> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return text.split('\n');
}

async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  // Where there is no /proc, a live process of this number must do.
  if (process.platform !== 'linux') return true;
  // A postmaster works in its cluster. Inside a container root may not see that of another user, but always the
  // command line.
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  if (cwd !== null) return cwd === cluster;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes(`\0-D\0${cluster}\0`);
}
