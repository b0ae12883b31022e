import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { type FileSpec, type Sheet, SheetError } from '@gantry/sheet';

import { ApiError } from '../errors/api-error.ts';

/** What is to be known of a good file: its kind, and how many rows of each sort it has. */
export type CheckedSheet = Pick<Sheet, 'format' | 'counts'>;

/** What the thread says of a file. */
export type SheetReply =
  | ({ isGood: true } & CheckedSheet)
  | { isGood: false; code: SheetError['code']; message: string; details: SheetError['details'] };

// A sheet of the largest size is read in some seconds; a longer time means that it was made to take long.
const TIMEOUT_MS = 60_000;
const MEMORY_MB = 1_024;

/**
 * Checks sheets on a thread of its own, one after another: a file that takes long to read holds up nobody but those who
 * submit files, and one that takes too much memory or time ends the thread and not the server.
 */
export class SheetChecker implements AsyncDisposable {
  readonly #stop = new AbortController();
  #thread: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  readonly #timeoutMs: number;
  readonly #memoryMb: number;

  constructor({ timeoutMs = TIMEOUT_MS, memoryMb = MEMORY_MB } = {}) {
    this.#timeoutMs = timeoutMs;
    this.#memoryMb = memoryMb;
  }

  /** Checks a file. @throws {SheetError} @throws {ApiError} FILE_TOO_COMPLEX */
  check(bytes: Uint8Array, spec: FileSpec): Promise<CheckedSheet> {
    const checked = this.#last.then(() => this.#check(bytes, spec));
    this.#last = checked.catch(() => {});
    return checked;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#last;
    await this.#thread?.terminate();
  }

  async #check(bytes: Uint8Array, spec: FileSpec): Promise<CheckedSheet> {
    const reply = await this.#ask({ bytes, spec });
    if (!reply.isGood) throw new SheetError(reply.code, reply.message, reply.details);
    return { format: reply.format, counts: reply.counts };
  }

  async #ask(question: { bytes: Uint8Array; spec: FileSpec }): Promise<SheetReply> {
    const thread = (this.#thread ??= this.#start());
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const answered = once(thread, 'message', { signal: AbortSignal.any([timeout, this.#stop.signal]) });
      thread.postMessage(question, []);
      const [reply]: SheetReply[] = await answered;
      if (!reply) throw new TypeError('The thread gave no answer.');
      return reply;
    } catch (error) {
      this.#thread = null;
      await thread.terminate();
      if (timeout.aborted || isOutOfMemory(error)) {
        throw new ApiError(
          422,
          'FILE_TOO_COMPLEX',
          'The file takes too long to read. Split it and submit the parts.',
          { cause: error },
        );
      }
      throw error;
    }
  }

  #start(): Worker {
    const thread = new Worker(new URL('check-sheet-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMb },
    });
    // Whoever asks hears of an error; a thread that ends between two questions is replaced at the next.
    thread.on('error', () => {});
    thread.once('exit', () => {
      if (this.#thread === thread) this.#thread = null;
    });
    thread.unref();
    return thread;
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
