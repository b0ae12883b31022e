import type { Db } from '../db/run-query.ts';
import { pause } from '../pause.ts';
import { DEFAULTS } from '../settings.ts';
import type { Storage } from '../storage/storage.ts';
import { beginRound } from './begin-round.ts';
import { expireJobs, sweepStorage } from './delete-expired.ts';
import { rescueJobs } from './rescue-jobs.ts';

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
 * Rescues the jobs of dead workers and moves the starts of lines every second, expires results every minute and sweeps storage every hour. Every API and
 * every worker does it, without a leader: each round is safe beside any other, and the sweep is done by one of them.
 */
export function startMaintenance(o: MaintenanceOptions): AsyncDisposable {
  const stop = new AbortController();
  const sweepIntervalMs = o.sweepIntervalMs ?? DEFAULTS.sweepIntervalMs;
  const rounds = [
    repeat(o.rescueIntervalMs ?? DEFAULTS.rescueIntervalMs, () => rescueJobs(o.db, o)),
    repeat(o.expireIntervalMs ?? DEFAULTS.expireIntervalMs, () => expireJobs(o.db, o.storage)),
    repeat(sweepIntervalMs, sweep),
  ];
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(rounds);
    },
  };

  /** One process does it for all of them: it reads the name of every file. */
  async function sweep(): Promise<void> {
    if (await beginRound(o.db, 'sweep', sweepIntervalMs)) await sweepStorage(o.db, o.storage);
  }

  async function repeat(intervalMs: number, round: () => Promise<unknown>): Promise<void> {
    while (!stop.signal.aborted) {
      await round().catch(o.onError);
      await pause(intervalMs, stop.signal);
    }
  }
}
