import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running postmaster wrote about itself into its cluster. */
export type Postmaster = { pid: number; port: number; socketDirectory: string };

/**
 * Reads `postmaster.pid` (line 1 pid, 4 port, 5 socket directory, as PostgreSQL's `miscadmin.h` defines them) and
 * tells whether that process is a postmaster of this cluster. A number that now belongs to another process is not.
 */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketDirectory] = text.split('\n');
  if (!pid || !(await runsIn(Number(pid), cluster))) return null;
  return { pid: Number(pid), port: Number(port ?? 0), socketDirectory: socketDirectory ?? '' };
}

async function runsIn(pid: number, cluster: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's process, still alive.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // A postmaster works in its cluster. Where there is no /proc, a live process of this number must do.
  return readlink(`/proc/${pid}/cwd`).then(
    (cwd) => cwd === cluster,
    () => process.platform !== 'linux',
  );
}
