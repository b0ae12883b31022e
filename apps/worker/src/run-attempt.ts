import type { Automation } from '@gantry/automations';
import type { BrowserPool, ChromeSession } from '@gantry/chrome';
import type { BrowserMetrics } from '@gantry/core';

import { runInBrowser } from './run-in-browser.ts';
import type { Run } from './run-table.ts';
import { StopRun } from './stop-reason.ts';
import { type AttemptOutcome, toOutcome } from './to-outcome.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** An attempt, the code that it runs, who runs it, and where its browser comes from. */
export type Attempt = { workerId: string; browsers: BrowserPool; automation: Automation; run: Run };

/**
 * Runs an attempt in a browser of its own. Whatever happens, it ends: by the automation's end, by the deadline, or
 * because the run was ended from outside. When this resolves the browser is gone.
 */
export async function runAttempt(
  deps: WorkerDeps,
  attempt: Attempt,
): Promise<{ outcome: AttemptOutcome; browser: BrowserMetrics }> {
  const { job, stop, lease } = attempt.run;
  const timeoutMs = deps.config.jobTimeoutMs ?? job.timeoutMs;
  const signal = AbortSignal.any([lease.signal, stop.signal]);
  const deadline = setTimeout(() => stop.abort(new StopRun('timeout')), timeoutMs);
  let session: ChromeSession | null = null;
  // A run that is being ended fails in many ways; why it was ended is the reason.
  const judge = (error: unknown): AttemptOutcome => {
    const refusal = session?.lastRefusal() ?? null;
    const outcome = toOutcome(signal.aborted ? signal.reason : error, { timeoutMs, refusal });
    if (outcome.kind === 'failed') {
      const level = outcome.isExpected ? 'info' : 'error';
      const { jobId, attempt: number } = job;
      deps.log[level]({ err: error, jobId, attempt: number, code: outcome.error.code }, 'the attempt failed');
    }
    return outcome;
  };
  try {
    const outcome = await runInBrowser(deps, attempt, {
      signal,
      judge,
      onOpen: (opened) => {
        session = opened;
      },
    });
    return { outcome, browser: measure(session) };
  } catch (error) {
    return { outcome: judge(error), browser: measure(session) };
  } finally {
    clearTimeout(deadline);
  }
}

function measure(session: ChromeSession | null): BrowserMetrics {
  if (!session) return {};
  const { launchMs, peakMemoryBytes } = session.usage();
  return { launchMs, peakMemoryBytes };
}
