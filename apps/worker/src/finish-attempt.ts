import {
  type BrowserMetrics,
  type ClaimedJob,
  completeJob,
  DEFAULTS,
  failJob,
  freeSlot,
  GantryError,
  LeaseLostError,
  pause,
  releaseJob,
} from '@gantry/core';

import type { AttemptOutcome } from './run-attempt.ts';
import type { WorkerDeps } from './worker-deps.ts';

const RETRY_MS = 500;

/**
 * Tells the queue how an attempt ended, when its browser is gone. Tries until it is told or the lease has ended: if an
 * answer was lost, the second try finds the job no longer held, which is just as well.
 */
export async function finishAttempt(
  deps: WorkerDeps,
  job: ClaimedJob,
  o: { outcome: AttemptOutcome; browser: BrowserMetrics; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    try {
      await tell(deps, job, o);
      return;
    } catch (error) {
      if (error instanceof LeaseLostError) {
        await freeSlot(deps.pool, job).catch(() => {});
        return;
      }
      if (!(error instanceof GantryError && error.code === 'DATABASE_UNAVAILABLE') || o.signal.aborted) {
        deps.log.error({ err: error, jobId: job.jobId }, 'the end of the attempt could not be told');
        return;
      }
      await pause(RETRY_MS, o.signal);
    }
  }
}

async function tell(
  { pool, config }: WorkerDeps,
  job: ClaimedJob,
  { outcome, browser }: { outcome: AttemptOutcome; browser: BrowserMetrics },
): Promise<void> {
  const { resultTtlMs, backoffMs } = config;
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  if (outcome.kind === 'completed')
    await completeJob(pool, { ...attempt, summary: outcome.summary, resultTtlMs, browser });
  else if (outcome.kind === 'failed') {
    const { error, isPermanent } = outcome;
    await failJob(pool, {
      ...attempt,
      error,
      isPermanent,
      backoffMs,
      maxBackoffMs: DEFAULTS.maxBackoffMs,
      resultTtlMs,
      browser,
    });
  } else if (outcome.kind === 'released') await releaseJob(pool, { ...attempt, browser });
  else await freeSlot(pool, attempt);
}
