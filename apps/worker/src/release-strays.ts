import { LeaseLostError, listWorkers, releaseJob } from '@gantry/core';

import type { RunTable } from './run-table.ts';
import type { WorkerDeps } from './worker-deps.ts';

/**
 * Gives back jobs that the queue counts as ours though nobody here runs them: their claim was written, but its answer
 * was lost with the connection.
 */
export async function releaseStrays(
  { pool, log }: WorkerDeps,
  { workerId, runs }: { workerId: string; runs: RunTable },
): Promise<void> {
  const us = (await listWorkers(pool)).find(({ id }) => id === workerId);
  const held = new Set(runs.held.map(({ jobId }) => jobId));
  for (const { jobId, attempt } of us?.running ?? []) {
    if (held.has(jobId)) continue;
    try {
      await releaseJob(pool, { jobId, attempt, browser: {} });
      log.warn({ jobId, attempt }, 'a claim whose answer was lost was given back');
    } catch (error) {
      // It ended between the two looks.
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
}
