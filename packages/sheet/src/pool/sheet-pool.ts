import { Piscina } from 'piscina';

import type { FileSpec } from '../file-spec.ts';
import type { Sheet } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';
import { type Limits, limitThread } from './limit-thread.ts';
import type { Question, Reply } from './sheet-thread.ts';
import { UserTurns } from './user-turns.ts';

/** What is known of a file whose rows are not needed. */
export type CheckedSheet = Omit<Sheet, 'rows'>;

/** For whom a file is read, and until when. */
export type Turn = {
  /** Files of one user are read one after the other, and users take turns. */
  user: string;
  /** Takes the file out of the line, or ends its reading. */
  signal: AbortSignal;
};

const LIMITS: Limits = { cpuMs: 5_000, memoryBytes: 300_000_000, totalMs: 30_000 };

// Far above the memory limit, and never reached: V8 ends the whole process, and not the thread, when a single allocation
// goes beyond this one.
const HEAP_MB = 2_048;

/**
 * Reads sheets in a few threads, fairly between users. A file that takes more processor time or memory than it may ends
 * its thread, not the process.
 */
export class SheetPool implements AsyncDisposable {
  readonly #threads: Piscina<Question, Reply>;
  readonly #turns: UserTurns;
  readonly #limits: Limits;

  /**
   * @param o.threads how many files are read at a time
   * @param o.limits what reading one file may take
   * @param o.script what the threads run; tests have their own
   */
  constructor(o: { threads: number; limits?: Partial<Limits>; script?: URL }) {
    this.#limits = { ...LIMITS, ...o.limits };
    this.#turns = new UserTurns(o.threads);
    this.#threads = new Piscina({
      filename: (o.script ?? new URL('sheet-thread.ts', import.meta.url)).href,
      minThreads: o.threads,
      maxThreads: o.threads,
      // Nothing of it is needed, and Node's watch mode would have the threads report their imports as if they were replies.
      env: {},
      // A thread that waits by Atomics would stop whatever its last file has left open.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    // A thread that fails while it reads nothing is replaced; unheard, its error would end the process.
    this.#threads.on('error', () => {});
  }

  /** Checks a file. @throws {SheetError} @throws the reason of `signal` */
  async check(bytes: Uint8Array, spec: FileSpec, turn: Turn): Promise<CheckedSheet> {
    const { rows: _none, ...checked } = await this.#ask({ bytes, spec, wantsRows: false }, turn);
    return checked;
  }

  /** Reads a file. @throws {SheetError} @throws the reason of `signal` */
  read(bytes: Uint8Array, spec: FileSpec, turn: Turn): Promise<Sheet> {
    return this.#ask({ bytes, spec, wantsRows: true }, turn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads.destroy();
  }

  async #ask(question: Omit<Question, 'begun'>, { user, signal }: Turn): Promise<Sheet> {
    const reply = await this.#turns.run(user, signal, () => this.#run(question, signal));
    if ('sheet' in reply) return reply.sheet;
    const { code, message, details } = reply.refusal;
    throw new SheetError(code, message, details);
  }

  async #run(question: Omit<Question, 'begun'>, signal: AbortSignal): Promise<Reply> {
    const begun = new Int32Array(new SharedArrayBuffer(8));
    using limit = limitThread(() => this.#threads.threads, begun, this.#limits);
    try {
      const ended = AbortSignal.any([signal, limit.signal]);
      return await this.#threads.run({ ...question, begun }, { signal: ended });
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.signal.aborted) throw error;
      throw new SheetError(
        'FILE_TOO_COMPLEX',
        'The file takes too long to read, or too much memory. Split it and submit the parts.',
        {},
        { cause: error },
      );
    }
  }
}
