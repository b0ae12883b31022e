import { pause } from './pause.ts';
import { expireJobs, sweepStorage } from './queries/expire.ts';
import { rescueJobs } from './queries/rescue-jobs.ts';
import type { Db } from './run-query.ts';
import { DEFAULTS } from './settings.ts';
import type { Storage } from './storage/storage.ts';

/** What is looked after, and how often. */
export type MaintenanceOptions = {
  db: Db;
  storage: Storage;
  rescueIntervalMs?: number;
  expireIntervalMs?: number;
  sweepIntervalMs?: number;
  sessionGraceMs?: number;
  stuckAfterMs?: number;
  resultTtlMs?: number;
  /** A round failed; the next one tries again. */
  onError: (error: unknown) => void;
};

/**
 * Rescues the jobs of dead workers every second, expires results every minute and sweeps storage every hour. Every API and every worker does
 * it: no leader is needed, since each round is safe beside any other.
 */
export function startMaintenance(o: MaintenanceOptions): AsyncDisposable {
  const stop = new AbortController();
  const rounds = [
    repeat(o.rescueIntervalMs ?? DEFAULTS.rescueIntervalMs, () => rescueJobs(o.db, o)),
    repeat(o.expireIntervalMs ?? DEFAULTS.expireIntervalMs, () => expireJobs(o.db, o.storage)),
    repeat(o.sweepIntervalMs ?? DEFAULTS.sweepIntervalMs, () => sweepStorage(o.db, o.storage)),
  ];
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(rounds);
    },
  };

  async function repeat(intervalMs: number, round: () => Promise<unknown>): Promise<void> {
    while (!stop.signal.aborted) {
      await round().catch(o.onError);
      await pause(intervalMs, stop.signal);
    }
  }
}
