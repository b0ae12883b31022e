import { findBrowserProcesses } from './process-table.ts';

const PATIENCE_MS = 10_000;

/**
 * Kills every process of a browser and returns when none is left but zombies. SIGKILL from the start: a frozen or
 * busy browser hears nothing else, and what was worth keeping has been collected before.
 *
 * @param o.session the session that the browser leads, if it surely still does: once all of a session are gone, its
 * number may become another's. It cannot while this runs, for a number is not given out while a session bears it.
 * @returns how many processes were killed
 * @throws {Error} if a process is still there after 10 s, which only the kernel can cause
 */
export async function killBrowser(o: { directory: string; session: number | null }): Promise<number> {
  const killed = new Set<number>();
  const deadline = performance.now() + PATIENCE_MS;
  // New children may appear between the look and the kill, so until nothing is found.
  for (;;) {
    const pids = await findBrowserProcesses(o);
    if (pids.length === 0) return killed.size;
    if (performance.now() > deadline)
      throw new Error(`These processes of a browser do not end: ${pids.join(', ')}.`);
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
