import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import {
  isBrowserDirectory,
  isDraft,
  type OwnerRecord,
  readOwner,
  removeBrowserDirectory,
} from './browser-directory.ts';
import type { BrowserTrace } from './find-browser-processes.ts';
import { killBrowser } from './kill-browser.ts';
import { isRunning, readProcessWorld } from './process-table.ts';

const DRAFT_AGE_MS = 60_000;

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
    const directory = join(o.rootDir, name);
    if (isDraft(name) && (await isForgotten(directory))) {
      await removeBrowserDirectory(directory);
      swept.removedDirectories += 1;
    }
    if (!isBrowserDirectory(name)) continue;
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

/** No browser runs in a draft, and a process that lives makes or removes one within moments. */
async function isForgotten(draft: string): Promise<boolean> {
  const { mtimeMs = Number.POSITIVE_INFINITY } = (await stat(draft).catch(() => null)) ?? {};
  return mtimeMs < Date.now() - DRAFT_AGE_MS;
}

function traceOf(directory: string, { browser, process: { startTime } }: OwnerRecord): BrowserTrace {
  const session = browser && isRunning(browser) ? browser.pid : null;
  return { directory, session, since: startTime };
}
