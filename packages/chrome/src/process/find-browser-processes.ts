import { readFile } from 'node:fs/promises';

import { listProcesses } from './process-table.ts';

/** What the processes of a browser are known by. */
export type BrowserTrace = {
  /** The browser's own. */
  directory: string;
  /**
   * The session that the browser leads, where it surely still does: once all of a session are gone, its number may
   * become another's.
   */
  session: number | null;
  /** Start of the process that launched it. Nothing of the browser is older, so what is older is not even looked at. */
  since: string;
};

/**
 * Finds the processes of a browser: those with its directory in their environment or on their command line, and all in
 * the sessions that such a process leads. No one of these is enough: children overwrite their environment, the crash
 * handler has a session of its own, and the shells between carry no path. Zombies are not found.
 *
 * @returns their numbers
 */
export async function findBrowserProcesses(o: BrowserTrace): Promise<number[]> {
  const candidates = listProcesses().filter(({ startTime }) => Number(startTime) >= Number(o.since));
  const marks = await Promise.all(
    candidates.map(async ({ pid, session }) => session === o.session || (await isMarked(pid, o.directory))),
  );
  const marked = candidates.filter((_, index) => marks[index]);
  const sessions = new Set(
    marked.filter(({ pid, session }) => pid === session).map(({ session }) => session),
  );
  return candidates
    .filter((status) => sessions.has(status.session) || marked.includes(status))
    .map(({ pid }) => pid);
}

async function isMarked(pid: number, directory: string): Promise<boolean> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const commandLine = await read('cmdline');
  return (
    commandLine.includes(`--user-data-dir=${directory}`) ||
    commandLine.includes(`--database=${directory}`) ||
    (await read('environ')).includes(`GANTRY_BROWSER=${directory}\0`)
  );
}
