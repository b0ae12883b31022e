import { type BrowserTrace, findBrowserProcesses } from './find-browser-processes.ts';
import { readProcess } from './process-table.ts';

const TIMEOUT_MS = 10_000;
const LOOK_MS = 2;
/** Until one looks for more of them all the same. */
const MAX_WAIT_MS = 100;

/**
 * Kills every process of a browser and returns when none is left but zombies. SIGKILL from the start: a frozen or
 * busy browser hears nothing else, and what was worth keeping has been collected before.
 *
 * @returns how many processes were killed
 * @throws {Error} if a process is still there after 10 s, which only the kernel can cause, or nothing could be seen for
 * want of files
 */
export async function killBrowser(trace: BrowserTrace): Promise<number> {
  const killed = new Set<number>();
  const deadline = performance.now() + TIMEOUT_MS;
  // New children may appear between the look and the kill, so until nothing is found. The session's number stays its
  // own meanwhile: none is given out again while a process bears it.
  for (;;) {
    const pids = await findBrowserProcesses(trace).catch((error: unknown) => {
      if (performance.now() > deadline) throw error;
      return null;
    });
    if (pids === null) {
      await pause(MAX_WAIT_MS);
      continue;
    }
    if (pids.length === 0) return killed.size;
    if (performance.now() > deadline)
      throw new Error(`These processes of a browser do not end: ${pids.join(', ')}.`);
    for (const pid of pids) {
      kill(pid);
      killed.add(pid);
    }
    // To look whether a process is there costs little, to look for all that may have come costs milliseconds.
    const given = performance.now() + MAX_WAIT_MS;
    while (pids.some(isThere) && performance.now() < given) {
      await pause(LOOK_MS);
    }
  }
}

function isThere(pid: number): boolean {
  try {
    const status = readProcess(pid);
    return status !== null && status.state !== 'Z';
  } catch {
    return true;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
