import { sweepBrowsers } from '@gantry/chrome';

import type { WorkerDeps } from '../worker-deps.ts';

const INTERVAL_MS = 60_000;

/** Removes the browsers and directories that dead workers of this machine left: now, and every minute. */
export async function startSweeping({ config, log }: WorkerDeps): Promise<AsyncDisposable> {
  let sweeping = Promise.resolve();
  const sweep = async () => {
    const onError = (error: unknown) =>
      log.warn({ err: error }, 'what a dead worker left could not be removed');
    const swept = await sweepBrowsers({ rootDir: config.browserRootDir, onError });
    if (swept.removedDirectories > 0) log.info(swept, 'what a dead worker left was removed');
  };
  await sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, INTERVAL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
