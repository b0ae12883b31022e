import { findBrowserProcesses } from './process-table.ts';

/**
 * Kills every process of a browser and returns when none is left but zombies. SIGKILL from the start: a frozen or
 * busy browser hears nothing else, and what was worth keeping has been collected before.
 *
 * @returns how many processes were killed
 */
export async function killBrowser(o: { directory: string; pid: number | null }): Promise<number> {
  const killed = new Set<number>();
  if (o.pid !== null) kill(-o.pid);
  // New children may appear between the look and the kill, so until nothing is found.
  for (;;) {
    const pids = await findBrowserProcesses({ directory: o.directory, session: o.pid });
    if (pids.length === 0) return killed.size;
    for (const pid of pids) {
      kill(pid);
      killed.add(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
