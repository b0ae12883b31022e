import { type BrowserPool, isSandboxed, openBrowserPool, openRemotePool } from '@gantry/chrome';

import type { WorkerDeps } from './worker-deps.ts';

/** Opens what attempts get their browsers from, and says in the log what these are. */
export async function openBrowsers(
  { binary, config, log }: WorkerDeps,
  workerId: string,
): Promise<BrowserPool> {
  const { browserRootDir: rootDir } = config;
  const { endpoint = '', launchTimeoutMs, warmBrowsers } = config.browser;
  if (binary === null) {
    log.warn('browsers run elsewhere: what their pages may reach is up to the network there');
    return openRemotePool({ endpoint, rootDir, launchTimeoutMs });
  }
  const { kind, version } = binary;
  log.info(
    { browser: kind, version, warmBrowsers, isSandboxed: isSandboxed() },
    isSandboxed()
      ? 'browsers run in their sandbox'
      : 'browsers run without their sandbox, since the worker is root; a user of its own is safer',
  );
  const onError = (error: unknown) => log.warn({ err: error }, 'something went wrong with a warm browser');
  return openBrowserPool({ binary, rootDir, workerId, warmBrowsers, launchTimeoutMs, onError });
}
