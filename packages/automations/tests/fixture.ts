import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ChromeSession,
  type EgressPolicy,
  findBrowser,
  type LaunchOptions,
  launchBrowser,
} from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import type { NewRowResult } from '@gantry/contract';
import { readSheet } from '@gantry/sheet';

import type { Automation, AutomationContext } from '../src/index.ts';

/** A real browser, as a worker would launch it, with its directory. */
export async function openBrowser(
  egress: EgressPolicy,
  resolve?: LaunchOptions['resolve'],
): Promise<Pick<ChromeSession, 'page' | 'browser' | 'refusalOf'> & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const rootDir = await mkdtemp(join(tmpdir(), 'gb-'));
  stack.defer(() => rm(rootDir, { recursive: true, force: true }));
  const { page, browser, refusalOf } = stack.use(
    await launchBrowser({
      binary: await findBrowser({ cacheDir: TEST_CACHE_DIR }),
      rootDir,
      owner: { workerId: 'worker', jobId: 'job', attempt: 1 },
      egress,
      resolve,
    }),
  );
  const resources = stack.move();
  return { page, browser, refusalOf, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** What a run did to the world. */
export type Run = {
  rows: NewRowResult[];
  files: Map<string, Uint8Array>;
  steps: string[];
  logs: { level: string; message: string }[];
  progress: { done: number; total: number }[];
  /** Runs the automation. */
  finish(): ReturnType<Automation['run']>;
};

/** Prepares one attempt of a job, with a real page and real rows, and remembers what it reports. */
export async function prepareRun(o: {
  automation: Automation;
  page: AutomationContext['page'];
  refusalOf?: AutomationContext['refusalOf'];
  file?: string | Uint8Array;
  input?: unknown;
  completedRows?: NewRowResult[];
  signal?: AbortSignal;
  /** Called before a row is kept; a throw is the end of the worker. */
  onRow?: (row: NewRowResult) => void;
}): Promise<Run> {
  const { automation, file } = o;
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  const sheet = bytes && automation.file ? await readSheet(bytes, automation.file) : null;
  const run: Run = {
    rows: [],
    files: new Map(),
    steps: [],
    logs: [],
    progress: [],
    finish: () => automation.run(context),
  };
  const context: AutomationContext = {
    jobId: 'job',
    attempt: 1,
    page: o.page,
    input: o.input ?? {},
    rows: sheet?.rows ?? [],
    headers: sheet?.headers ?? [],
    dependencies: [],
    completedRows: new Map(o.completedRows?.map((row) => [row.index, row])),
    checkpoint: { get: () => null, set: () => Promise.resolve() },
    progress: (progress) => run.progress.push(progress),
    step: (name) => run.steps.push(name),
    log: (level, message) => run.logs.push({ level, message }),
    async emitRow(row) {
      o.onRow?.(row);
      run.rows.push(row);
    },
    async artifact({ name, body }) {
      if (!run.files.has(name)) run.files.set(name, body);
    },
    browserFailure: null,
    refusalOf: o.refusalOf ?? (() => null),
    file: null,
    download: () => Promise.reject(new Error('Nothing is downloaded here.')),
    uploadFile: () => Promise.reject(new Error('Nothing is uploaded here.')),
    signal: o.signal ?? new AbortController().signal,
  };
  return run;
}
