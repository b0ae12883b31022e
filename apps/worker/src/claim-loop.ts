import { type ClaimedJob, claimJobs, pause } from '@gantry/core';

import { releaseStrays } from './release-strays.ts';
import type { RunTable } from './run-table.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Claims jobs while there are free places. */
export type ClaimLoop = {
  /** There may be something to claim. */
  wake(): void;
  /** Claims nothing more; resolves when a claim under way has come to its end. */
  stop(): Promise<void>;
};

/**
 * Claims as many jobs as there are free places, never more: whenever somebody says that there may be one, and every
 * now and then in case nobody did.
 */
export function startClaiming(
  deps: WorkerDeps,
  o: {
    workerId: string;
    runs: RunTable;
    /** Whether what is claimed now would stay ours. */
    canClaim: () => boolean;
    /** @param claimedAt `performance.now()` from before the claim */
    onClaimed: (job: ClaimedJob, claimedAt: number) => void;
  },
): ClaimLoop {
  const { config, pool, log } = deps;
  const stopping = new AbortController();
  let hint = new AbortController();
  // A claim that failed may have been written all the same.
  let mayHaveStrays = false;
  const done = loop();
  return {
    wake: () => hint.abort(),
    async stop() {
      stopping.abort();
      await done;
    },
  };

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      // A hint that comes during the claim counts for the next one.
      hint = new AbortController();
      const limit = config.concurrency - o.runs.size;
      const claimed = limit > 0 && o.canClaim() ? await claim(limit) : 0;
      if (claimed > 0) continue;
      await pause(config.pollIntervalMs, AbortSignal.any([hint.signal, stopping.signal]));
    }
  }

  async function claim(limit: number): Promise<number> {
    const claimedAt = performance.now();
    try {
      if (mayHaveStrays) await releaseStrays(deps, o);
      mayHaveStrays = false;
      const jobs = await claimJobs(pool, { workerId: o.workerId, limit, leaseMs: config.leaseMs });
      for (const job of jobs) o.onClaimed(job, claimedAt);
      return jobs.length;
    } catch (error) {
      mayHaveStrays = true;
      if (!stopping.signal.aborted) log.warn({ err: error }, 'claiming failed');
      return 0;
    }
  }
}
