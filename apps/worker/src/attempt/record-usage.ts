import type { SessionUsage } from '@gantry/chrome';
import { type AttemptRef, recordBrowserMetrics } from '@gantry/core';

import type { WorkerDeps } from '../worker-deps.ts';

/**
 * Keeps what the browser of an ended attempt cost. The next job does not wait for that, and nothing depends on it: if it
 * fails, the figures are missing.
 */
export function recordUsage(
  { pool, log }: Pick<WorkerDeps, 'pool' | 'log'>,
  { jobId, attempt }: AttemptRef,
  usage: SessionUsage | null,
): void {
  if (usage === null || usage.closeMs === null) return;
  const figures = { ...usage, jobId, attempt, closeMs: usage.closeMs };
  recordBrowserMetrics(pool, figures).catch((error: unknown) =>
    log.debug({ err: error, jobId, attempt }, 'what the browser cost could not be kept'),
  );
}
