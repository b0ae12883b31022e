import {
  ChromeError,
  type ChromeSession,
  type Recording,
  recordBrowser,
  type SessionUsage,
  unlessAborted,
} from '@gantry/chrome';
import { appendEvents, LeaseLostError, type NewJobEvent, pause } from '@gantry/core';
import type { Sheet } from '@gantry/sheet';
import type { Run } from '../claims/run-table.ts';
import { StopRun } from '../claims/stop-reason.ts';
import { keepEvidence } from '../evidence/keep-evidence.ts';
import { readInputs } from '../inputs/read-inputs.ts';
import { cleanObject } from '../reports/clean-json.ts';
import { EventBuffer } from '../reports/event-buffer.ts';
import { retryWhileUnavailable } from '../reports/retry-while-unavailable.ts';
import { openTrace } from '../trace/keep-trace.ts';
import type { Trace } from '../trace/trace.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import type { Attempt } from './attempt.ts';
import { createContext } from './create-context.ts';
import { takeBrowser } from './take-browser.ts';
import type { AttemptOutcome } from './to-outcome.ts';

/** A failure of the browser has an event of its own, which may come after the call that it broke. */
const FAILURE_NOTICE_MS = 250;
/** How long code whose browser is gone may take to end. */
const LINGER_MS = 2_000;

/** How a run in one browser ended: with the attempt, or with the browser alone, so that another may take its place. */
export type BrowserOutcome = AttemptOutcome | { kind: 'browser-failed'; failure: ChromeError };

/** Takes a browser, runs the automation in it, and kills it. Throws what went wrong before the automation began. */
export async function runInBrowser(
  deps: WorkerDeps,
  attempt: Attempt,
  o: {
    /** Why the browser before this one failed. */
    browserFailure: ChromeError | null;
    /** What the browsers before this one have cost. */
    spent: SessionUsage | null;
    /** Names of the files that the attempt has kept so far. */
    fileNames: Set<string>;
    /** Aborted when the run must end. */
    signal: AbortSignal;
    evaluate: (error: unknown) => AttemptOutcome;
    onOpen: (session: ChromeSession) => void;
  },
): Promise<BrowserOutcome> {
  const { automation, run } = attempt;
  const { job, lease } = run;
  const browserEnd = new AbortController();
  const signal = AbortSignal.any([o.signal, browserEnd.signal]);
  await using stack = new AsyncDisposableStack();
  // Node keeps a signal made of others, and all that its listeners know, until it is aborted.
  stack.defer(() => browserEnd.abort());
  const isFirst = job.attempt === 1 && o.browserFailure === null;
  const inputs = await readInputs(deps, { automation, job, isFirst, signal });

  let running: Promise<unknown> = Promise.resolve();
  // After the browser is gone, since the stack unwinds: the next job should not meet this one's code.
  stack.defer(() => linger(running));
  const session = stack.adopt(
    await takeBrowser(deps, attempt, { spent: o.spent, signal }),
    // The outcome of the job does not depend on its browser's end.
    (taken) =>
      taken[Symbol.asyncDispose]().catch((error: unknown) =>
        deps.log.error({ err: error, jobId: job.jobId }, 'the browser could not be cleared away'),
      ),
  );
  o.onOpen(session);
  void session.failed.then((cause) => browserEnd.abort(new StopRun('browser-failed', { cause })));
  const trace = openTrace(deps.config, automation);
  const recording = await unlessAborted(watch(session.page, trace), signal);
  const events = new EventBuffer((batch) => writeEvents(deps, run, batch), trace?.onEvent);
  const context = createContext(deps, {
    automation,
    job,
    ...inputs,
    session,
    browserFailure: o.browserFailure,
    events,
    fileNames: o.fileNames,
    signal,
    lease: lease.signal,
  });
  const found = inputs.sheet ? describeSheet(inputs.sheet) : '';
  if (found) context.log('info', found);
  const keep = (end: { hasFailed: boolean }) =>
    keepEvidence(deps, job, {
      automation,
      page: session.page,
      recording,
      trace,
      lease: lease.signal,
      ...end,
    });
  try {
    signal.throwIfAborted();
    const result = automation.run(context);
    running = result;
    const { summary } = await unlessAborted(result, signal);
    await events.flush();
    await keep({ hasFailed: false });
    return { kind: 'completed', summary: cleanObject(summary) };
  } catch (error) {
    await Promise.race([session.failed, pause(FAILURE_NOTICE_MS, signal)]);
    const reason: unknown = browserEnd.signal.aborted ? browserEnd.signal.reason : error;
    const failure = browserFailureOf(reason);
    if (automation.outlivesBrowser && failure && !o.signal.aborted) {
      await events.flush();
      return { kind: 'browser-failed', failure };
    }
    const outcome = o.evaluate(reason);
    if (outcome.kind === 'failed') {
      await events.flush().catch(() => {});
      await keep({ hasFailed: true });
    }
    return outcome;
  }
}

/** Which sheet of a workbook the rows are from: a user who meant another finds out. */
function describeSheet({ sheet, columns }: Sheet): string {
  const listOf = (names: string[]) => names.map((name) => `“${name}”`).join(', ');
  const sheets = listOf(sheet?.others ?? []);
  const others = listOf(columns.flatMap(({ alternatives }) => alternatives.map(({ header }) => header)));
  return [
    sheet && `Reads the sheet “${sheet.name}”.`,
    sheets && `Such values are also in ${sheets}, which is not read.`,
    others && `Such values are also in the columns ${others}, which are not read.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** The failure that is the browser's alone: a new one may do better at the next row. */
function browserFailureOf(reason: unknown): ChromeError | null {
  const error = reason instanceof StopRun ? reason.cause : reason;
  const isBrowsers =
    error instanceof ChromeError && (error.code.startsWith('BROWSER_') || error.code === 'PAGE_CRASHED');
  return isBrowsers ? error : null;
}

/** One after the other: two that attach to the same pages at once can leave a popup waiting for both. */
async function watch(page: ChromeSession['page'], trace: Trace | null): Promise<Recording> {
  const recording = await recordBrowser(page, trace?.onLine);
  await trace?.film(page);
  return recording;
}

async function writeEvents(deps: WorkerDeps, { job, lease }: Run, events: NewJobEvent[]): Promise<void> {
  try {
    await retryWhileUnavailable(lease.signal, () =>
      appendEvents(deps.pool, { jobId: job.jobId, attempt: job.attempt, events }),
    );
  } catch (error) {
    if (error instanceof LeaseLostError) lease.abort(new StopRun('lease-lost'));
    throw error;
  }
}

async function linger(running: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  running.then(end, end);
  await pause(LINGER_MS, ended.signal);
}
