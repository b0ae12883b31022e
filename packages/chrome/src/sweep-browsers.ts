import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import {
  isBrowserDirectory,
  type OwnerRecord,
  readOwner,
  removeBrowserDirectory,
} from './browser-directory.ts';
import type { BrowserTrace } from './find-browser-processes.ts';
import { killBrowser } from './kill-browser.ts';
import { isRunning, readProcessWorld } from './process-table.ts';

/**
 * Removes the browsers and directories that dead processes left. Only what says in its `owner.json` that it was
 * ours, and whose owner provably is gone, is touched: another's Chrome, or another worker's, never. An owner in
 * another container of this boot cannot be looked up from here, so what is its stays.
 */
export async function sweepBrowsers(o: {
  rootDir: string;
}): Promise<{ killedProcesses: number; removedDirectories: number }> {
  const swept = { killedProcesses: 0, removedDirectories: 0 };
  const world = await readProcessWorld();
  // Without /proc every owner would look dead.
  if (world.bootId === '') return swept;
  for (const name of await readdir(o.rootDir).catch(() => [])) {
    if (!isBrowserDirectory(name)) continue;
    const directory = join(o.rootDir, name);
    const owner = await readOwner(directory);
    if (!owner) continue;
    const isThisBoot = owner.bootId === world.bootId;
    if (isThisBoot && owner.pidNamespace !== world.pidNamespace) continue;
    if (isThisBoot && isRunning(owner.process)) continue;
    if (isThisBoot) swept.killedProcesses += await killBrowser(traceOf(directory, owner));
    await removeBrowserDirectory(directory);
    swept.removedDirectories += 1;
  }
  return swept;
}

function traceOf(directory: string, { browser, process: { startTime } }: OwnerRecord): BrowserTrace {
  const session = browser && isRunning(browser) ? browser.pid : null;
  return { directory, session, since: startTime };
}
