import { type Automation, AutomationError, type JsonObject } from '@gantry/automations';
import { ChromeError, type ChromeSession, launchBrowser } from '@gantry/chrome';
import { type BrowserMetrics, type ClaimedJob, GantryError, LeaseLostError } from '@gantry/core';
import { SheetError } from '@gantry/sheet';
import { ZodError } from 'zod';

import { EventBuffer } from './event-buffer.ts';
import { keepFailureEvidence, watchConsole } from './failure-evidence.ts';
import { readInputFile } from './read-input-file.ts';
import { runAutomation } from './run-automation.ts';
import { StopRun } from './stop-reason.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** How an attempt ended, before anybody was told. */
export type AttemptOutcome =
  | { kind: 'completed'; summary: JsonObject }
  | { kind: 'failed'; error: { code: string; message: string }; isPermanent: boolean }
  | { kind: 'released' }
  | { kind: 'lease-lost' };

/**
 * Runs an attempt in a browser of its own. Whatever happens, it ends: the run is raced against the abort signal, and
 * the browser is killed when the scope is left.
 */
export async function runAttempt(
  deps: WorkerDeps,
  o: { workerId: string; automation: Automation; job: ClaimedJob; abort: AbortController },
): Promise<{ outcome: AttemptOutcome; browser: BrowserMetrics }> {
  const { job, automation, abort } = o;
  const { signal } = abort;
  let session: ChromeSession | null = null;
  const timeoutMs = deps.config.jobTimeoutMs ?? job.timeoutMs;
  const deadline = setTimeout(() => abort.abort(new StopRun('timeout')), timeoutMs);
  const metrics = (): BrowserMetrics =>
    session ? { launchMs: session.launchMs, peakMemoryBytes: session.peakMemoryBytes() } : {};
  try {
    const sheet = await readInputFile(deps, automation, job);
    await using opened = await launchBrowser({
      binary: deps.binary,
      rootDir: deps.config.browserRootDir,
      owner: { workerId: o.workerId, jobId: job.jobId, attempt: job.attempt },
      egress: automation.egress,
    });
    session = opened;
    const consoleLog = watchConsole(opened.page);
    void opened.crashed.then((error) => abort.abort(new StopRun('crashed', { cause: error })));
    const events = new EventBuffer({
      pool: deps.pool,
      attempt: job,
      signal,
      onLeaseLost: () => abort.abort(new StopRun('lease-lost')),
    });
    try {
      signal.throwIfAborted();
      const run = runAutomation(deps, { automation, job, sheet, session: opened, events, signal });
      // Left alone after an abort, it fails on its dead browser; nobody listens to it any more.
      run.catch(() => {});
      const summary = await Promise.race([run, rejectOnAbort(signal)]);
      await events.flush();
      return { outcome: { kind: 'completed', summary }, browser: metrics() };
    } catch (error) {
      const outcome = toOutcome(error, signal, timeoutMs);
      if (outcome.kind === 'failed') {
        deps.log.info({ err: error, jobId: job.jobId, attempt: job.attempt }, 'the attempt failed');
        await events.flush().catch(() => {});
        await keepFailureEvidence(deps, job, { page: opened.page, consoleLines: consoleLog.lines });
      }
      return { outcome, browser: metrics() };
    }
  } catch (error) {
    return { outcome: toOutcome(error, signal, timeoutMs), browser: metrics() };
  } finally {
    clearTimeout(deadline);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The one place where what was thrown becomes what is said of the attempt. Nothing of the inside gets into words. */
function toOutcome(thrown: unknown, signal: AbortSignal, timeoutMs: number): AttemptOutcome {
  // A run that is being ended fails in many ways; why it was ended is the reason.
  const error = signal.aborted ? signal.reason : thrown;
  if (error instanceof LeaseLostError) return { kind: 'lease-lost' };
  if (error instanceof StopRun) {
    if (error.why === 'lease-lost') return { kind: 'lease-lost' };
    if (error.why === 'drain') return { kind: 'released' };
    if (error.why === 'timeout')
      return failed('JOB_TIMEOUT', `The job took longer than ${Math.round(timeoutMs / 1000)} seconds.`);
    return error.cause instanceof ChromeError
      ? failed(error.cause.code, error.cause.message)
      : failed('BROWSER_CRASHED', 'The browser ended unexpectedly.');
  }
  if (error instanceof AutomationError) return failed(error.code, error.message, error.isPermanent);
  if (error instanceof ChromeError) return failed(error.code, error.message, error.code === 'BLOCKED_URL');
  if (error instanceof SheetError) return failed(error.code, error.message, true);
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return failed(
      'INPUT_INVALID',
      `The input is not right: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
      true,
    );
  }
  if (error instanceof GantryError)
    return failed(error.code, error.message, error.code === 'STORAGE_OBJECT_MISSING');
  return failed('AUTOMATION_FAILED', 'The automation failed unexpectedly.');
}

function failed(code: string, message: string, isPermanent = false): AttemptOutcome {
  return { kind: 'failed', error: { code, message }, isPermanent };
}
