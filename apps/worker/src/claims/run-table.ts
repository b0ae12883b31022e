import type { AttemptRef, ClaimedJob } from '@gantry/core';

import { StopRun } from './stop-reason.ts';

/** How much of a lease may pass without a renewal. The rest is for killing the browser before others may begin. */
const FENCE = 0.8;

/** An attempt that this worker runs. */
export type Run = {
  job: ClaimedJob;
  /** It may have killed a worker: it runs beside no other. */
  isSuspect: boolean;
  /** Aborted when the job is no longer ours: nothing more may be written. */
  lease: AbortController;
  /** Aborted when the run must end though the job is still ours. */
  stop: AbortController;
};

type Entry = Run & { ended: Promise<void>; fence: NodeJS.Timeout };

/**
 * What a worker runs at this moment. Each run has a fence: when its lease could not be renewed for most of its time,
 * by this process's steady clock, the run is ended while the lease still lasts.
 */
export class RunTable {
  readonly #runs = new Map<string, Entry>();
  readonly #leaseMs: number;

  constructor(o: { leaseMs: number }) {
    this.#leaseMs = o.leaseMs;
  }

  /** How many runs there are. */
  get size(): number {
    return this.#runs.size;
  }

  /** Whether one of the runs is to be alone, or waits for that: nothing may be put beside it. */
  get hasSuspect(): boolean {
    return [...this.#runs.values()].some(({ isSuspect }) => isSuspect);
  }

  /** Which attempts run. */
  get held(): AttemptRef[] {
    return [...this.#runs.values()].map(({ job }) => ({ jobId: job.jobId, attempt: job.attempt }));
  }

  /**
   * Enters a run and begins it, a suspect when all others have ended; it leaves by itself when it has ended.
   *
   * @param o.claimedAt `performance.now()` from before the claim: the lease began no earlier
   */
  begin(
    job: ClaimedJob,
    o: { claimedAt: number; isSuspect: boolean },
    execute: (run: Run) => Promise<void>,
  ): void {
    const { isSuspect } = o;
    const run = { job, isSuspect, lease: new AbortController(), stop: new AbortController() };
    const key = keyOf(job);
    const begun = isSuspect ? this.#untilAlone(run).then(() => execute(run)) : execute(run);
    const ended = begun.finally(() => {
      clearTimeout(this.#runs.get(key)?.fence);
      this.#runs.delete(key);
    });
    this.#runs.set(key, { ...run, ended, fence: this.#fence(run, o.claimedAt) });
  }

  /** The leases of these attempts were renewed by a statement sent at `sentAt` (`performance.now()`). */
  renew(attempts: AttemptRef[], sentAt: number): void {
    for (const attempt of attempts) {
      const entry = this.#runs.get(keyOf(attempt));
      if (!entry) continue;
      clearTimeout(entry.fence);
      entry.fence = this.#fence(entry, sentAt);
    }
  }

  /** An attempt is no longer ours. */
  lose(attempt: AttemptRef): void {
    this.#runs.get(keyOf(attempt))?.lease.abort(new StopRun('lease-lost'));
  }

  /** A job was cancelled; its attempt, if it is here, is no longer ours. */
  cancel(jobId: string): void {
    for (const { job, lease } of this.#runs.values())
      if (job.jobId === jobId) lease.abort(new StopRun('cancelled'));
  }

  /** Nothing that runs here is ours any more. */
  loseAll(): void {
    for (const { lease } of this.#runs.values()) lease.abort(new StopRun('lease-lost'));
  }

  /** Ends all runs so that their jobs can be released. */
  releaseAll(): void {
    for (const { stop } of this.#runs.values()) stop.abort(new StopRun('drain'));
  }

  /** Resolves when all that ran at this moment has ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((run) => run.ended));
  }

  /** Resolves when all that runs at this moment has ended, or the run is to end before it has begun. */
  async #untilAlone({ lease, stop }: Run): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    for (const { signal } of [lease, stop])
      signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    await Promise.race([this.ended(), aborted.promise]);
  }

  #fence(run: Run, since: number): NodeJS.Timeout {
    const restMs = since + this.#leaseMs * FENCE - performance.now();
    return setTimeout(() => run.lease.abort(new StopRun('lease-lost')), Math.max(0, restMs));
  }
}

function keyOf({ jobId, attempt }: AttemptRef): string {
  return `${jobId}/${attempt}`;
}
