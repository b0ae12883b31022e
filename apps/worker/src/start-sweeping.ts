import { sweepBrowsers } from '@gantry/chrome';

import type { WorkerDeps } from './worker-deps.ts';

const INTERVAL_MS = 60_000;

/** Removes the browsers and directories that dead workers of this machine left: now, and every minute. */
export async function startSweeping({ config, log }: WorkerDeps): Promise<AsyncDisposable> {
  let sweeping = Promise.resolve();
  const sweep = async () => {
    try {
      const swept = await sweepBrowsers({ rootDir: config.browserRootDir });
      if (swept.removedDirectories > 0) log.info(swept, 'what a dead worker left was removed');
    } catch (error) {
      log.warn({ err: error }, 'the sweep failed');
    }
  };
  await sweep();
  const timer = setInterval(() => {
    sweeping = sweep();
  }, INTERVAL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
