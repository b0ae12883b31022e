import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import {
  isBrowserDirectory,
  isDraft,
  type OwnerRecord,
  readOwner,
  removeBrowserDirectory,
} from './browser-directory.ts';
import type { BrowserTrace } from './find-browser-processes.ts';
import { killBrowser } from './kill-browser.ts';
import { isRunning, type ProcessWorld, readProcessWorld } from './process-table.ts';

const DRAFT_AGE_MS = 60_000;

/**
 * Removes the browsers and directories that dead processes left. Only what says in its `owner.json` that it was
 * ours, and whose owner provably is gone, is touched: another's Chrome, or another worker's, never. An owner in
 * another container of this boot cannot be looked up from here, so what is its stays.
 *
 * @param o.onError called with what could not be removed; all the rest is
 */
export async function sweepBrowsers(o: {
  rootDir: string;
  onError?: (error: unknown) => void;
}): Promise<{ killedProcesses: number; removedDirectories: number }> {
  const swept = { killedProcesses: 0, removedDirectories: 0 };
  const world = await readProcessWorld();
  // Without /proc every owner would look dead.
  if (world.bootId === '') return swept;
  for (const name of await readdir(o.rootDir).catch(() => [])) {
    try {
      const killed = await sweep(join(o.rootDir, name), world);
      if (killed === null) continue;
      swept.killedProcesses += killed;
      swept.removedDirectories += 1;
    } catch (error) {
      o.onError?.(error);
    }
  }
  return swept;
}

/** Removes what is to be removed. @returns how many processes were killed for it; null if it is to stay */
async function sweep(directory: string, world: ProcessWorld): Promise<number | null> {
  const name = basename(directory);
  if (isDraft(name) && (await isForgotten(directory))) {
    await removeBrowserDirectory(directory);
    return 0;
  }
  const owner = isBrowserDirectory(name) ? await readOwner(directory) : null;
  if (!owner) return null;
  const isThisBoot = owner.bootId === world.bootId;
  if (isThisBoot && owner.pidNamespace !== world.pidNamespace) return null;
  if (isThisBoot && isRunning(owner.process)) return null;
  const killed = isThisBoot ? await killBrowser(traceOf(directory, owner)) : 0;
  await removeBrowserDirectory(directory);
  return killed;
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
