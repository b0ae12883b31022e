import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findBrowser, type LaunchOptions, launchBrowser } from '../src/index.ts';
import { findBrowserProcesses } from '../src/process-table.ts';

/** Where tests of the whole repository unpack the browser, once. */
export const CACHE_DIR = join(tmpdir(), 'gantry-test-browser');

export const OWNER = { workerId: 'worker', jobId: 'job', attempt: 1 };

/** A directory for browsers, and launches into it. Fails at the end if anything was left. */
export async function createBrowserRoot() {
  const rootDir = await mkdtemp(join(tmpdir(), 'gb-'));
  const binary = await findBrowser({ cacheDir: CACHE_DIR });
  return {
    rootDir,
    launch: (o: Partial<LaunchOptions> = {}) =>
      launchBrowser({
        binary,
        rootDir,
        owner: OWNER,
        egress: { allowPublic: true, allowPrivateOrigins: [] },
        ...o,
      }),
    left: () => readdir(rootDir),
    async [Symbol.asyncDispose]() {
      const left = await readdir(rootDir);
      await rm(rootDir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`Browser directories were left: ${left.join(', ')}`);
    },
  };
}

/** Live processes of a browser. */
export function processesOf(session: { directory: string; pid: number }): Promise<number[]> {
  return findBrowserProcesses({ directory: session.directory, session: session.pid });
}
