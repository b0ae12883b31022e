import { type ClaimedJob, claimJobs, findSuspects, pause, releaseJob } from '@gantry/core';
import type { WorkerDeps } from '../worker-deps.ts';
import { releaseUnconfirmedClaims } from './release-unconfirmed-claims.ts';
import type { RunTable } from './run-table.ts';

/** Claims jobs while there are free places. */
export type ClaimLoop = {
  /** There may be something to claim. */
  wake(): void;
  /** Claims nothing more; resolves when a claim under way has come to its end. */
  stop(): Promise<void>;
};

/**
 * Claims as many jobs as there are free slots, never more: after each notification, and every
 * now and then as a fallback. Beside a job that must run alone nothing is claimed.
 */
export function startClaiming(
  deps: WorkerDeps,
  o: {
    workerId: string;
    runs: RunTable;
    /** Whether what is claimed now would stay ours. */
    canClaim: () => boolean;
    /**
     * @param o.claimedAt `performance.now()` from before the claim
     * @param o.isSuspect the job may have killed a worker: it must run alone
     */
    onClaimed: (job: ClaimedJob, o: { claimedAt: number; isSuspect: boolean }) => void;
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
      const limit = o.runs.hasSuspect ? 0 : config.concurrency - o.runs.size;
      const claimed = limit > 0 && o.canClaim() ? await claim(limit) : 0;
      if (claimed > 0) continue;
      await pause(config.pollIntervalMs, AbortSignal.any([hint.signal, stopping.signal]));
    }
  }

  async function claim(limit: number): Promise<number> {
    const claimedAt = performance.now();
    try {
      if (mayHaveStrays) await releaseUnconfirmedClaims(deps, o);
      mayHaveStrays = false;
      const jobs = await claimJobs(pool, {
        workerId: o.workerId,
        limit,
        leaseMs: config.leaseMs,
        queues: config.queues,
      });
      const retried = jobs.filter(({ attempt }) => attempt > 1).map(({ jobId }) => jobId);
      const suspects = new Set(await findSuspects(pool, retried));
      for (const job of jobs) if (!suspects.has(job.jobId)) o.onClaimed(job, { claimedAt, isSuspect: false });
      const [suspect, ...others] = jobs.filter(({ jobId }) => suspects.has(jobId));
      if (suspect) o.onClaimed(suspect, { claimedAt, isSuspect: true });
      // If two ran, the one that kills workers would be unknown: another worker may take these.
      for (const { jobId, attempt } of others) await releaseJob(pool, { jobId, attempt, browser: {} });
      return jobs.length;
    } catch (error) {
      mayHaveStrays = true;
      if (!stopping.signal.aborted) log.warn({ err: error }, 'claiming failed');
      return 0;
    }
  }
}
