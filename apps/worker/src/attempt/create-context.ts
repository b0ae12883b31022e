import type { Automation, AutomationContext } from '@gantry/automations';
import { browserCrashed, type ChromeError, type ChromeSession } from '@gantry/chrome';
import type { RowResult } from '@gantry/contract';
import { type ClaimedJob, saveCheckpoint } from '@gantry/core';
import type { AttemptInputs } from '../inputs/read-inputs.ts';
import { cleanJson, cleanObject, cleanText } from '../reports/clean-json.ts';
import type { EventBuffer } from '../reports/event-buffer.ts';
import { keepArtifact } from '../reports/keep-artifact.ts';
import { retryWhileUnavailable } from '../reports/retry-while-unavailable.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { createFileAccess } from './file-access.ts';

const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STEP_LENGTH = 200;

/** What a context is made of. */
export type ContextParts = AttemptInputs & {
  automation: Automation;
  job: ClaimedJob;
  session: ChromeSession;
  browserFailure: ChromeError | null;
  events: EventBuffer;
  /** Names of the files that the attempt has kept so far, with browsers before this one too. */
  fileNames: Set<string>;
  /** Aborted when the run must end, for whatever reason. */
  signal: AbortSignal;
  /** Aborted when the job is no longer ours. */
  lease: AbortSignal;
};

/**
 * Everything that an automation knows of the world. Once the run has been ended it reports no more: what fails
 * because its browser was killed says nothing about the row.
 */
export function createContext(deps: WorkerDeps, o: ContextParts): AutomationContext {
  const { job, sheet, events, session, signal, lease, fileNames } = o;
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  const mustGoOn = () => {
    signal.throwIfAborted();
    if (!session.browser.connected) throw browserCrashed();
  };
  const add: EventBuffer['add'] = (event) => {
    if (!signal.aborted) events.add(event);
  };
  return {
    ...attempt,
    page: session.page,
    input: job.input,
    rows: sheet?.rows ?? [],
    headers: sheet?.headers ?? [],
    completedRows: new Map(o.completedRows.map((row) => [row.index, row])),
    dependencies: o.dependencies,
    checkpoint: {
      get: () => job.checkpoint,
      async set(value) {
        mustGoOn();
        const kept = cleanJson(value);
        await retryWhileUnavailable(lease, () => saveCheckpoint(deps.pool, { ...attempt, checkpoint: kept }));
        job.checkpoint = kept;
      },
    },
    progress: ({ done, total }) => add({ type: 'progress', data: { done, total } }),
    step: (name, { rowIndex } = {}) =>
      add({
        type: 'step',
        data: { name: cleanText(name, MAX_STEP_LENGTH), ...(rowIndex !== undefined && { rowIndex }) },
      }),
    log: (level, message, data) =>
      add({
        type: 'log',
        data: {
          level,
          message: cleanText(message, MAX_MESSAGE_LENGTH),
          ...(data && { data: cleanObject(data) }),
        },
      }),
    async emitRow(row) {
      mustGoOn();
      await events.addAndFlush({
        type: 'row',
        data: { ...cleanRow(row), line: sheet?.rows[row.index]?.line ?? null },
      });
    },
    async artifact(file) {
      mustGoOn();
      const name = cleanText(file.name);
      if (fileNames.has(name)) return;
      fileNames.add(name);
      // Earlier reports come before the file in the history.
      await events.flush();
      try {
        // A job that runs may end what it began: its files are kept up to twice the quota.
        const maxStorageBytes = 2 * deps.config.maxStorageBytes;
        await keepArtifact({ ...deps, maxStorageBytes }, attempt, { ...file, name }, lease);
      } catch (error) {
        fileNames.delete(name);
        throw error;
      }
    },
    browserFailure: o.browserFailure && { code: o.browserFailure.code, message: o.browserFailure.message },
    refusalOf: (url) => session.refusalOf(url),
    ...createFileAccess(deps, o),
    signal,
  };
}

function cleanRow<Row extends Omit<RowResult, 'line'>>(row: Row): Row {
  const error = row.error && { code: cleanText(row.error.code), message: cleanText(row.error.message) };
  return { ...row, key: cleanText(row.key), data: cleanObject(row.data), error };
}
