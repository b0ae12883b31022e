import type { SessionUsage } from '@gantry/chrome';
import {
  type ClaimedJob,
  type Completion,
  DEFAULTS,
  failJob,
  freeSlot,
  getJob,
  LeaseLostError,
  releaseJob,
} from '@gantry/core';

import { retryWhileUnavailable } from '../reports/retry-while-unavailable.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import type { AttemptOutcome } from './to-outcome.ts';

/** What became of an attempt in the queue. `untold`: the database stayed away until the lease was gone. */
export type AttemptEnd =
  | 'completed'
  | 'retry'
  | 'failed'
  | 'released'
  | 'cancelled'
  | 'lease-lost'
  | 'untold';

/**
 * Tells the queue how an attempt ended, when its browser is gone. Waits for a database that is away until `lease` is
 * aborted. When an answer is lost, the next try finds the job no longer held: then the job itself says what became of it.
 */
export async function finishAttempt(
  deps: Pick<WorkerDeps, 'config' | 'log'> & {
    pool: Pick<WorkerDeps['pool'], 'query'>;
    /** Shared by all attempts of the worker. @throws {LeaseLostError} */
    complete: (completion: Completion) => Promise<void>;
  },
  job: ClaimedJob,
  o: { outcome: AttemptOutcome; usage: SessionUsage | null; lease: AbortSignal },
): Promise<AttemptEnd> {
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  try {
    return await retryWhileUnavailable(o.lease, () => tell(deps, attempt, o));
  } catch (error) {
    // Also when a heartbeat was faster to say so than the next try.
    if (error instanceof LeaseLostError || o.lease.aborted) {
      const end = await lookUp(deps, attempt);
      if (end) return end;
    }
    deps.log.error({ err: error, ...attempt }, 'the end of the attempt could not be told');
    return 'untold';
  }
}

async function tell(
  { pool, complete, config }: Parameters<typeof finishAttempt>[0],
  attempt: { jobId: string; attempt: number },
  { outcome, usage }: { outcome: AttemptOutcome; usage: SessionUsage | null },
): Promise<AttemptEnd> {
  const { resultTtlMs, backoffMs } = config;
  const browser = usage
    ? {
        launchMs: usage.launchMs,
        ...(usage.peakMemoryBytes !== null && { peakMemoryBytes: usage.peakMemoryBytes }),
      }
    : {};
  if (outcome.kind === 'completed') {
    await complete({ ...attempt, summary: outcome.summary, browser });
  } else if (outcome.kind === 'failed') {
    const { error, isPermanent } = outcome;
    const { maxBackoffMs } = DEFAULTS;
    const end = { error, isPermanent, backoffMs, maxBackoffMs, resultTtlMs, browser };
    return (await failJob(pool, { ...attempt, ...end })).outcome;
  } else if (outcome.kind === 'released') {
    await releaseJob(pool, { ...attempt, browser });
  } else {
    // Nothing is written of the job; only that its place in the queue is free, now that its browser is gone.
    await freeSlot(pool, attempt);
  }
  return outcome.kind;
}

async function lookUp(
  { pool }: Parameters<typeof finishAttempt>[0],
  attempt: { jobId: string; attempt: number },
): Promise<AttemptEnd | null> {
  const job = await getJob(pool, attempt.jobId).catch(() => undefined);
  if (job === undefined) return null;
  if (job?.attempt === attempt.attempt) {
    if (job.status === 'completed' || job.status === 'failed') return job.status;
    if (job.status === 'pending' && job.cause.code === 'retry') return 'retry';
    if (job.status === 'pending' && job.cause.code === 'released') return 'released';
  }
  await freeSlot(pool, attempt).catch(() => {});
  return job?.status === 'cancelled' ? 'cancelled' : 'lease-lost';
}
