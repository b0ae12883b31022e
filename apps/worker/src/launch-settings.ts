import { join } from 'node:path';

import type { Automation } from '@gantry/automations';
import { findBrowser, type LaunchSettings } from '@gantry/chrome';

import type { WorkerDeps } from './worker-deps.ts';

/**
 * What an automation's browser is launched with; undefined where browsers run elsewhere.
 *
 * @throws {ChromeError} BROWSER_NOT_FOUND if it needs a kind of browser that this machine does not have
 */
export async function launchSettingsOf(
  { binary, config }: Pick<WorkerDeps, 'binary' | 'config'>,
  { browser: kind = binary?.kind, locale, window }: Automation,
): Promise<LaunchSettings | undefined> {
  if (binary === null) return undefined;
  if (kind === binary.kind) return { binary, locale, window };
  const cacheDir = join(config.dataDir, 'browser');
  return { binary: await findBrowser({ kind, chromePath: config.chromePath, cacheDir }), locale, window };
}
