import { GantryError, heartbeat, pause } from '@gantry/core';

import type { RunTable } from './run-table.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Time to kill the browsers in, before others may take the jobs. */
const MARGIN = 0.8;

/**
 * Renews the leases of all that runs. When that has not been possible for most of a lease, by this process's own
 * steady clock, every run is ended before its lease does: another worker may start it then.
 */
export function startHeartbeat(
  deps: WorkerDeps,
  o: { workerId: string; runs: RunTable; onUnknown: () => void },
): AsyncDisposable {
  const stop = new AbortController();
  const done = beat();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };

  async function beat(): Promise<void> {
    const { heartbeatIntervalMs, leaseMs } = deps.config;
    let renewedAt = performance.now();
    while (!stop.signal.aborted) {
      const startedAt = performance.now();
      const fence = setTimeout(
        () => o.runs.stopAll('lease-lost'),
        Math.max(0, renewedAt + leaseMs * MARGIN - startedAt),
      );
      try {
        const lost = await heartbeat(deps.pool, { workerId: o.workerId, held: o.runs.held, leaseMs });
        renewedAt = startedAt;
        for (const { jobId } of lost) o.runs.stop(jobId, 'lease-lost');
      } catch (error) {
        if (error instanceof GantryError && error.code === 'WORKER_UNKNOWN') o.onUnknown();
        else deps.log.warn({ err: error }, 'the heartbeat failed');
        // Soon again: every failed beat uses up the lease.
        await pause(Math.min(500, heartbeatIntervalMs), stop.signal);
        clearTimeout(fence);
        if (performance.now() > renewedAt + leaseMs * MARGIN) o.runs.stopAll('lease-lost');
        continue;
      }
      clearTimeout(fence);
      await pause(heartbeatIntervalMs, stop.signal);
    }
  }
}
