import type { BrowserKind, EgressPolicy, NewUpload } from '@gantry/chrome';
import type { AnswerColumn, JsonObject, JsonValue, NewRowResult, RowResult } from '@gantry/contract';
import type { FileSpec, SheetRow } from '@gantry/sheet';
import type { ElementHandle, Page } from 'puppeteer-core';
import type { z } from 'zod';

import { readAnswerColumns } from './answer-columns.ts';
import { checkInput } from './check-input.ts';
import { toInputSchema } from './input-schema.ts';

/** A job that this one runs after, and what it found. */
export type Dependency = {
  jobId: string;
  serviceId: string;
  /** Not `completed` only where this job was submitted to run all the same. */
  status: 'completed' | 'failed' | 'cancelled';
  summary: JsonObject | null;
  /** Reads its rows that have an answer, in order. On demand, since there may be many. */
  rows: () => Promise<RowResult[]>;
  /** The files that it made. */
  artifacts: readonly {
    name: string;
    contentType: string;
    /** Bytes. */
    size: number;
    rowIndex: number | null;
    open: () => Promise<AsyncIterable<Uint8Array>>;
  }[];
};

/** Of which attempts a trace is kept. */
export type TraceMode = 'off' | 'on-failure' | 'always';

/** What an automation may download in one attempt, all in all. */
export type DownloadPolicy = {
  maxFiles: number;
  maxBytes: number;
  /** What the content may be, whatever it is called: `text/csv`, `image/*`. Anything by default. */
  types?: readonly string[];
};

/** A file that a page gave. It is gone when the attempt ends; `artifact` keeps it. */
export type DownloadedFile = {
  /** As the site called it, without what could do harm. */
  name: string;
  /** Bytes. */
  size: number;
  /** Told by the content, not by the site. */
  contentType: string;
  open(): AsyncIterable<Uint8Array>;
  /** All of it. */
  bytes(): Promise<Uint8Array>;
};

/** Everything that an automation knows of the world. */
export type AutomationContext<Input = unknown> = {
  jobId: string;
  attempt: number;
  /** A page of this attempt's own browser. */
  page: Page;
  input: Input;
  /** Every row of the uploaded file, wrong and repeated ones included; empty without a file. */
  rows: readonly SheetRow[];
  /** The headers of the uploaded file. */
  headers: readonly string[];
  /** Rows that an earlier attempt has answered: they need not be done again. */
  completedRows: ReadonlyMap<number, NewRowResult>;
  /** The jobs that this one was submitted to run after, in their order of submission; none that has expired. */
  dependencies: readonly Dependency[];
  /** A small state that survives into the next attempt. */
  checkpoint: { get(): JsonValue; set(value: JsonValue): Promise<void> };
  progress(progress: { done: number; total: number }): void;
  /** Says what is being done now, in a few words, and on which row if it is one row's work. */
  step(name: string, o?: { rowIndex?: number }): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: JsonObject): void;
  /** Reports a row. It is kept for good when the promise resolves; a second answer for a row changes nothing. */
  emitRow(row: NewRowResult): Promise<void>;
  /** Keeps a file. Of several with one name in one attempt, the first. */
  artifact(file: { name: string; contentType: string; body: Uint8Array; rowIndex?: number }): Promise<void>;
  /** Why this attempt's last browser failed, when this is a new one: only with `outlivesBrowser`. */
  browserFailure: { code: string; message: string } | null;
  /** Tells why a URL was refused to the pages: to the browser it is a site that cannot be reached. Null if it was not. */
  refusalOf(url: string): { code: string; message: string } | null;
  /** The file that the job was submitted with, as it was sent; null for none. */
  file: { name: string; bytes(): Promise<Uint8Array> } | null;
  /**
   * Does something that makes a page download a file, and waits until it is there, for 60,000 ms by default. Only what
   * is waited for is downloaded, and only if the automation declares `downloads`.
   *
   * @throws {ChromeError} DOWNLOAD_TOO_LARGE, DOWNLOAD_TOO_MANY, DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT
   * @throws {AutomationError} DOWNLOADS_NOT_DECLARED, DOWNLOAD_TYPE_REFUSED
   */
  download: (act: () => Promise<unknown>, o?: { timeoutMs?: number }) => Promise<DownloadedFile>;
  /**
   * Puts a file into an `<input type="file">`. A page gets files in no other way.
   *
   * @throws {ChromeError} UPLOAD_TOO_LARGE
   */
  uploadFile: (field: ElementHandle, file: NewUpload) => Promise<void>;
  /** Aborted when the run must end (cancelled, out of time, lease lost, worker draining) and when it has ended. */
  signal: AbortSignal;
};

/** What an automation is. */
export type AutomationDefinition<Schema extends z.ZodType> = {
  /** Lower case with dashes; the service's id. */
  id: string;
  name: string;
  description: string;
  category: string;
  version: string;
  /** The queue whose limit it shares; `default` runs one job at a time. */
  queue?: string;
  /** What it wants to know besides the file. Field titles and descriptions are shown in the form. */
  input: Schema;
  /** The file it takes; null for none. */
  file: FileSpec | null;
  /**
   * What it answers for each row: the `data` of its rows. Its properties, with their titles, are the columns of the
   * answers in the web app and in the results files, in this order.
   */
  answer?: z.ZodObject;
  /** 10 minutes by default. */
  timeoutMs?: number;
  /** 3 by default. */
  maxAttempts?: number;
  /** Where its pages may go. */
  egress: EgressPolicy;
  /** What it may download; nothing by default. */
  downloads?: DownloadPolicy;
  /** Of which attempts a trace is kept, that can be played back; of none by default. */
  trace?: TraceMode;
  /**
   * Whether `run` is called again in a new browser when its browser fails within an attempt. It must continue after
   * `completedRows`, and leave alone what `browserFailure` was due to, which `checkpoint` can name. By default the attempt
   * ends with its browser.
   */
  outlivesBrowser?: boolean;
  run(context: AutomationContext<z.output<Schema>>): Promise<{ summary: JsonObject }>;
} & BrowserRequirements;

/** What browser an automation needs. One that needs what the worker has anyway gets it sooner, the first time. */
export type BrowserRequirements = {
  /** Whichever the worker has, by default: the headless shell, unless it was given another. */
  browser?: BrowserKind;
  /** The language that sites are asked for, `en-US` by default. */
  locale?: string;
  /** Size of the window in pixels, 1280 x 900 by default. */
  window?: { width: number; height: number };
};

/** An automation, ready to run. */
export type Automation = {
  id: string;
  name: string;
  description: string;
  category: string;
  version: string;
  queue: string;
  inputSchema: JsonObject;
  file: FileSpec | null;
  /** What it answers for each row, in order; empty when it does not say. */
  answerColumns: AnswerColumn[];
  timeoutMs: number;
  maxAttempts: number;
  egress: EgressPolicy;
  downloads?: DownloadPolicy;
  trace: TraceMode;
  outlivesBrowser?: boolean;
  /** Checks the input, then runs. @throws {AutomationError} INPUT_INVALID when it is not what the automation wants */
  run(context: AutomationContext): Promise<{ summary: JsonObject }>;
} & BrowserRequirements;

/**
 * Makes an automation. Its code sees the context and nothing else: no queue, no database, no other job.
 *
 * @example
 * defineAutomation({
 *   id: 'page-title', name: 'Page title', description: '…', category: 'Web', version: '1',
 *   input: z.object({ url: z.url() }), file: null, egress: { allowPublic: true, allowPrivateOrigins: [] },
 *   async run({ page, input }) {
 *     await page.goto(input.url);
 *     return { summary: { title: await page.title() } };
 *   },
 * });
 */
export function defineAutomation<Schema extends z.ZodType>(
  definition: AutomationDefinition<Schema>,
): Automation {
  const {
    input,
    answer,
    queue = 'default',
    timeoutMs = 600_000,
    maxAttempts = 3,
    trace = 'off',
    ...rest
  } = definition;
  return {
    ...rest,
    queue,
    timeoutMs,
    maxAttempts,
    trace,
    answerColumns: answer ? readAnswerColumns(answer) : [],
    inputSchema: toInputSchema(input),
    run: async (context) => definition.run({ ...context, input: await checkInput(input, context.input) }),
  };
}
