import { join } from 'node:path';

import type { Automation } from '@gantry/automations';
import {
  type BrowserBinary,
  type BrowserKind,
  type ChromeSession,
  type EgressPolicy,
  findBrowser,
  type LaunchSettings,
  type SessionUsage,
} from '@gantry/chrome';
import type { WorkerDeps } from '../worker-deps.ts';
import type { Attempt } from './attempt.ts';

/**
 * Takes the browser of an attempt: of the kind that its automation asks for, and within the limits of the worker.
 *
 * @throws {ChromeError} BROWSER_NOT_FOUND, BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 * @throws the signal's reason, if it was aborted
 */
export async function takeBrowser(
  deps: Pick<WorkerDeps, 'binary' | 'config'>,
  { workerId, browsers, automation, run: { job } }: Attempt,
  { spent, signal }: { spent: SessionUsage | null; signal: AbortSignal },
): Promise<ChromeSession> {
  const { maxTransferBytes, maxRequests, maxMemoryBytes, maxDiskBytes, idleTimeoutMs } = deps.config.browser;
  return browsers.take({
    launch: await launchSettingsOf(deps, automation),
    owner: { workerId, jobId: job.jobId, attempt: job.attempt },
    egress: restOf({ maxBytes: maxTransferBytes, maxRequests, ...automation.egress }, spent),
    maxMemoryBytes,
    maxDiskBytes,
    idleTimeoutMs,
    signal,
  });
}

/** What is left of a budget that browsers before have spent from. */
function restOf(egress: EgressPolicy, spent: SessionUsage | null): EgressPolicy {
  if (spent === null) return egress;
  const { maxBytes = Infinity, maxRequests = Infinity, ...rest } = egress;
  const bytes = (spent.bytesReceived ?? 0) + (spent.bytesSent ?? 0);
  return {
    ...rest,
    maxBytes: Math.max(0, maxBytes - bytes),
    maxRequests: Math.max(0, maxRequests - (spent.requests ?? 0)),
  };
}

/** Undefined where browsers run elsewhere. */
async function launchSettingsOf(
  { binary, config }: Pick<WorkerDeps, 'binary' | 'config'>,
  { browser: kind = binary?.kind, locale, window }: Automation,
): Promise<LaunchSettings | undefined> {
  if (binary === null) return undefined;
  if (kind === binary.kind) return { binary, locale, window };
  return { binary: await findOnce(config, kind), locale, window };
}

/** Every search asks programs for their version, which takes a fifth of a second: only until one is found. */
const found = new WeakMap<WorkerDeps['config'], BrowserBinary>();

async function findOnce(config: WorkerDeps['config'], kind: BrowserKind | undefined): Promise<BrowserBinary> {
  const cacheDir = join(config.dataDir, 'browser');
  const binary = found.get(config) ?? (await findBrowser({ kind, chromePath: config.chromePath, cacheDir }));
  found.set(config, binary);
  return binary;
}
