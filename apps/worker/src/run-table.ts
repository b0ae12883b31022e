import type { AttemptRef, ClaimedJob } from '@gantry/core';

import { StopRun } from './stop-reason.ts';

type Run = { job: ClaimedJob; abort: AbortController; ended: Promise<void> };

/** What a worker runs at this moment. */
export class RunTable {
  readonly #runs = new Map<string, Run>();

  get size(): number {
    return this.#runs.size;
  }

  get held(): AttemptRef[] {
    return [...this.#runs.values()].map(({ job }) => ({ jobId: job.jobId, attempt: job.attempt }));
  }

  /** Enters a run; it leaves by itself when it has ended. */
  add(job: ClaimedJob, abort: AbortController, run: () => Promise<void>): Promise<void> {
    const ended = run().finally(() => this.#runs.delete(job.jobId));
    this.#runs.set(job.jobId, { job, abort, ended });
    return ended;
  }

  /** Ends the run of a job, if it is here. */
  stop(jobId: string, why: StopRun['why']): void {
    this.#runs.get(jobId)?.abort.abort(new StopRun(why));
  }

  /** Ends all runs. */
  stopAll(why: StopRun['why']): void {
    for (const { abort } of this.#runs.values()) abort.abort(new StopRun(why));
  }

  /** Resolves when all that ran at this moment has ended. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((run) => run.ended));
  }
}
