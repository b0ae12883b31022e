import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isBrowserDirectory, readOwner, removeBrowserDirectory } from './browser-directory.ts';
import { killBrowser } from './kill-browser.ts';
import { isRunning, readBootId } from './process-table.ts';

/**
 * Removes the browsers and directories that dead processes left. Only what says in its `owner.json` that it was
 * ours, and whose owner is gone, is touched: another's Chrome, or another worker's, never.
 */
export async function sweepBrowsers(o: {
  rootDir: string;
}): Promise<{ killedProcesses: number; removedDirectories: number }> {
  const swept = { killedProcesses: 0, removedDirectories: 0 };
  const bootId = await readBootId();
  for (const name of await readdir(o.rootDir).catch(() => [])) {
    if (!isBrowserDirectory(name)) continue;
    const directory = join(o.rootDir, name);
    const owner = await readOwner(directory);
    if (!owner) continue;
    const isThisBoot = owner.bootId === bootId;
    if (isThisBoot && (await isRunning(owner.process))) continue;
    // The browser's number may long be another's; its session counts only while it is the same process.
    const pid = isThisBoot && owner.browser && (await isRunning(owner.browser)) ? owner.browser.pid : null;
    swept.killedProcesses += await killBrowser({ directory, pid });
    await removeBrowserDirectory(directory);
    swept.removedDirectories += 1;
  }
  return swept;
}
