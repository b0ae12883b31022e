import { LeaseLostError, listRunningAttempts, releaseJob } from '@gantry/core';

import type { WorkerDeps } from '../worker-deps.ts';
import type { RunTable } from './run-table.ts';

/**
 * Releases jobs that the queue assigns to this worker although it does not run them: the claim was committed, but its
 * answer was lost with the connection.
 */
export async function releaseUnconfirmedClaims(
  { pool, log }: WorkerDeps,
  { workerId, runs }: { workerId: string; runs: RunTable },
): Promise<void> {
  const running = await listRunningAttempts(pool, workerId);
  const held = new Set(runs.held.map(({ jobId }) => jobId));
  for (const { jobId, attempt } of running) {
    if (held.has(jobId)) continue;
    try {
      await releaseJob(pool, { jobId, attempt, browser: {} });
      log.warn({ jobId, attempt }, 'a claim whose answer was lost was released');
    } catch (error) {
      // It ended in between.
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
}
