import { createServicePool, GantryError, heartbeat, pause } from '@gantry/core';
import type { WorkerDeps } from '../worker-deps.ts';
import type { RunTable } from './run-table.ts';

/** Well below the grace that a worker without its session has. */
const RETRY_MS = 500;

/** The heartbeat of a worker, until it is disposed of. */
export type Heartbeat = AsyncDisposable & {
  /** Beats now, not at the next turn. */
  hurry(): void;
};

/**
 * Renews the leases of all that runs, on connections of its own: when the others hang, this is the last thing that may
 * wait for them. What the database says is lost, or no longer renewed in time, the table of runs ends.
 *
 * @param o.isSessionOpen while it is not, only heartbeats tell others that this worker is not dead
 * @param o.onUnknown called when others have given this worker up
 */
export function startHeartbeat(
  deps: WorkerDeps,
  o: { workerId: string; runs: RunTable; isSessionOpen: () => boolean; onUnknown: () => void },
): Heartbeat {
  const { heartbeatIntervalMs, leaseMs } = deps.config;
  // One that hangs must not be waited for: the next one goes through another connection.
  const waitMs = Math.min(heartbeatIntervalMs, leaseMs / 4);
  const pool = createServicePool({
    databaseUrl: deps.databaseUrl,
    applicationName: 'gantry-worker-heartbeat',
    max: 2,
  });
  const stop = new AbortController();
  let hint = new AbortController();
  const done = beat();
  return {
    hurry: () => hint.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
      await pool.end();
    },
  };

  async function beat(): Promise<void> {
    while (!stop.signal.aborted) {
      hint = new AbortController();
      const isRenewed = await renew().catch((error: unknown) => {
        if (error instanceof GantryError && error.code === 'WORKER_UNKNOWN') o.onUnknown();
        deps.log.warn({ err: error }, 'the heartbeat failed');
        return false;
      });
      // Otherwise soon again: every failed beat uses up the leases.
      const isWell = isRenewed && o.isSessionOpen();
      const pauseMs = isWell ? heartbeatIntervalMs : Math.min(RETRY_MS, heartbeatIntervalMs);
      await pause(pauseMs, AbortSignal.any([hint.signal, stop.signal]));
    }
  }

  async function renew(): Promise<boolean> {
    const { held } = o.runs;
    const sentAt = performance.now();
    const answered = new AbortController();
    const answer = heartbeat(pool, { workerId: o.workerId, held, leaseMs });
    const note = () => answered.abort();
    void answer.then(note, note);
    await pause(waitMs, AbortSignal.any([answered.signal, stop.signal]));
    if (!answered.signal.aborted) {
      if (!stop.signal.aborted) deps.log.warn('the heartbeat was not answered in time');
      return false;
    }
    const lost = await answer;
    o.runs.renew(held, sentAt);
    for (const attempt of lost) o.runs.lose(attempt);
    return true;
  }
}
