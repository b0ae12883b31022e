import type { ChromeError, ChromeSession, SessionUsage } from '@gantry/chrome';
import { StopRun } from '../claims/stop-reason.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { addUsage } from './add-usage.ts';
import type { Attempt, EndedAttempt } from './attempt.ts';
import { type BrowserOutcome, runInBrowser } from './run-in-browser.ts';
import { type AttemptOutcome, toOutcome } from './to-outcome.ts';

/** Each failure of a browser costs a row at least, so only a list of nothing else gets so far. */
const MAX_BROWSERS = 100;

/**
 * Runs an attempt in a browser of its own, and in another one if that fails and the automation outlives it.
 * Whatever happens, it ends: by the automation's end, by the deadline, or
 * because the run was ended from outside. When this resolves the browser is gone, and all that it cost is known.
 */
export async function runAttempt(deps: WorkerDeps, attempt: Attempt): Promise<EndedAttempt> {
  const { job, stop, lease } = attempt.run;
  const timeoutMs = deps.config.jobTimeoutMs ?? job.timeoutMs;
  const ended = new AbortController();
  const signal = AbortSignal.any([lease.signal, stop.signal, ended.signal]);
  const deadline = setTimeout(() => stop.abort(new StopRun('timeout')), timeoutMs);
  let session: ChromeSession | null = null;
  let spent: SessionUsage | null = null;
  const fileNames = new Set<string>();
  const usage = () => addUsage(spent, session?.usage() ?? null);
  // A run that is being ended fails in many ways; why it was ended is the reason.
  const evaluate = (error: unknown): AttemptOutcome => {
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
    let browserFailure: ChromeError | null = null;
    for (let browsers = 1; ; browsers += 1) {
      const outcome: BrowserOutcome = await runInBrowser(deps, attempt, {
        browserFailure,
        spent,
        fileNames,
        signal,
        evaluate,
        onOpen: (opened) => {
          session = opened;
          attempt.onOpen?.(opened.page);
        },
      });
      if (outcome.kind !== 'browser-failed') return { outcome, usage: usage() };
      browserFailure = outcome.failure;
      deps.log.info({ jobId: job.jobId, code: browserFailure.code }, 'the browser failed and is replaced');
      if (browsers === MAX_BROWSERS) throw browserFailure;
      spent = usage();
      session = null;
    }
  } catch (error) {
    return { outcome: evaluate(error), usage: usage() };
  } finally {
    clearTimeout(deadline);
    // Node keeps a signal made of others, and all that its listeners know, until it is aborted.
    ended.abort();
  }
}
