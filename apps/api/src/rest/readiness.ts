import { canWrite, hasServices } from '@gantry/core';

import type { ApiDeps } from '../context.ts';

/** Whether this API can take submissions, and which of its conditions hold. */
export type Readiness = { isReady: boolean; checks: Record<string, boolean> };

/**
 * Checks what a submission needs. A load balancer sends requests to this process while all of it holds.
 * `notifications` is shown only: without them the fallback poll still finds every change.
 */
export async function checkReadiness({ pool, hub, stopping }: ApiDeps): Promise<Readiness> {
  const [database, services] = await Promise.all([holds(canWrite(pool)), holds(hasServices(pool))]);
  return {
    isReady: database && services && !stopping.aborted,
    checks: { database, services, notifications: hub.isConnected },
  };
}

function holds(check: Promise<boolean>): Promise<boolean> {
  return check.catch(() => false);
}
