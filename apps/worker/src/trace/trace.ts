import { type ConsoleLine, type Evidence, type Film, FrameLog, filmBrowser } from '@gantry/chrome';
import type { AttemptRef, NewJobEvent } from '@gantry/core';
import type { Page } from 'puppeteer-core';

import { type TraceEntry, writeTraceFile } from './trace-file.ts';

const STRETCH_MS = 500;
const MAX_FRAME_BYTES = 20_000_000;
const MAX_MARKS = 10_000;
const MAX_LINES = 2_000;
/** Of a row's key and of its error, in characters: the whole of them is in the job's results. */
const MAX_TEXT_LENGTH = 2_000;

/** With its number in the order of reports, since several may have the same time. */
type Numbered = { number: number; entry: TraceEntry };

/** What an attempt did, picture by picture and word by word, in bounded memory. */
export class Trace {
  readonly #startedAt = Date.now();
  readonly #frames = new FrameLog({ stretchMs: STRETCH_MS, maxBytes: MAX_FRAME_BYTES });
  /** Steps and rows: the first ones. */
  readonly #marks: Numbered[] = [];
  /** Lines of the log and of consoles: the last ones. */
  #lines: Numbered[] = [];
  #counter = 0;
  #film: Film | null = null;

  /** Films the browser of the attempt from now on. */
  async film(own: Page): Promise<void> {
    this.#film = await filmBrowser(own, this.#frames);
  }

  /** Takes a last picture. Waits no longer than two seconds. */
  async finish(): Promise<void> {
    await this.#film?.finish();
  }

  /** Receives the automation's reports. */
  readonly onEvent = (event: NewJobEvent): void => {
    const at = Date.now();
    const atMs = at - this.#startedAt;
    if (event.type === 'log') {
      const { level, message } = event.data;
      this.#addLine({ atMs, type: 'log', level, message });
    } else if (event.type === 'step') {
      this.#addMark(at, { atMs, type: 'step', name: event.data.name });
    } else if (event.type === 'row') {
      const { index, line = null, key, status, error } = event.data;
      const message = error?.message.slice(0, MAX_TEXT_LENGTH) ?? null;
      this.#addMark(at, {
        atMs,
        type: 'row',
        index,
        line,
        key: key.slice(0, MAX_TEXT_LENGTH),
        status,
        message,
      });
    }
  };

  /** Receives the lines of the consoles. */
  readonly onLine = ({ at, page, level, text }: ConsoleLine): void => {
    const atMs = Math.max(0, Math.round(at - this.#startedAt));
    this.#addLine({ atMs, type: 'console', page, level, message: text });
  };

  /** Writes all of it into a file, without the secrets that `clean` knows. */
  toFile({ jobId, attempt }: AttemptRef, clean: Evidence['cleanText']): Uint8Array {
    const entries = [...this.#marks, ...this.#lines.slice(-MAX_LINES)]
      .sort((a, b) => a.entry.atMs - b.entry.atMs || a.number - b.number)
      .map(({ entry }) => cleanEntry(entry, clean));
    const frames = this.#frames.frames;
    return writeTraceFile({
      jobId,
      attempt,
      startedAt: this.#startedAt,
      endedAt: Date.now(),
      frames,
      entries,
    });
  }

  #addMark(at: number, entry: TraceEntry): void {
    this.#frames.mark(at);
    if (this.#marks.length < MAX_MARKS) this.#marks.push({ number: this.#counter++, entry });
  }

  #addLine(entry: TraceEntry): void {
    this.#lines.push({ number: this.#counter++, entry });
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }
}

function cleanEntry(entry: TraceEntry, clean: Evidence['cleanText']): TraceEntry {
  if (entry.type === 'step') return { ...entry, name: clean(entry.name) };
  if (entry.type !== 'row') return { ...entry, message: clean(entry.message) };
  return { ...entry, key: clean(entry.key), message: entry.message && clean(entry.message) };
}
