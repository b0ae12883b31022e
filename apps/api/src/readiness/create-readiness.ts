import { canWrite, hasServices } from '@gantry/core';

import type { ApiDeps } from '../context.ts';
import { keepCheck, passes } from './kept-check.ts';

const TIMEOUT_MS = 5_000;
/** A probe of the storage writes a file: anybody may ask, but not the disk each time. */
const KEEP_STORAGE_MS = 5_000;

/** Whether this API can take submissions, and which of its conditions hold. */
export type Readiness = { isReady: boolean; checks: Record<string, boolean> };

/**
 * Makes the check of what a submission needs. A load balancer sends requests to this process while all of it holds.
 * `notifications` is shown only: without them the fallback poll still finds every change.
 */
export function createReadiness(deps: ApiDeps): () => Promise<Readiness> {
  const required: Record<string, () => Promise<boolean>> = {
    database: () => passes(() => canWrite(deps.pool), TIMEOUT_MS),
    services: () => passes(() => hasServices(deps.pool), TIMEOUT_MS),
    storage: keepCheck(() => deps.storage.check(), { keepMs: KEEP_STORAGE_MS, timeoutMs: TIMEOUT_MS }),
  };
  return async () => {
    const checks = Object.fromEntries(
      await Promise.all(
        Object.entries(required).map(async ([name, check]) => [name, await check()] as const),
      ),
    );
    const isReady = Object.values(checks).every(Boolean) && !deps.stopping.aborted;
    return { isReady, checks: { ...checks, notifications: deps.hub.isConnected } };
  };
}
