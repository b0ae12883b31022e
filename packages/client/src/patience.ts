import { GantryApiError } from './api-error.ts';
import { withApiErrors } from './with-api-errors.ts';

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Bears with a server that cannot be reached for a while, in pauses that grow from a quarter of a second to ten. */
export class Patience {
  readonly #signal: AbortSignal | undefined;
  #pauseMs = SHORTEST_PAUSE_MS;
  #hasSucceeded = false;
  #refusedTokens = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** To be told when the server answers. */
  succeed(): void {
    this.#pauseMs = SHORTEST_PAUSE_MS;
    this.#hasSucceeded = true;
    this.#refusedTokens = 0;
  }

  /** Throws an error that will not pass. */
  check(error: unknown): void {
    if (!this.#mayPass(error)) throw error;
  }

  /** Pauses; not for long once the signal is aborted. */
  async pause(): Promise<void> {
    // At random, so that a thousand clients do not come back at once.
    await sleep(this.#pauseMs * (0.5 + Math.random()), this.#signal);
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  /** Asks until there is an answer. @throws {GantryApiError} for what will not pass; the reason of the signal */
  async ask<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await withApiErrors(call, this.#signal);
        this.succeed();
        return answer;
      } catch (error) {
        this.#signal?.throwIfAborted();
        this.check(error);
      }
      await this.pause();
    }
  }

  #mayPass(error: unknown): boolean {
    if (!(error instanceof GantryApiError)) return false;
    // A token may have ended in between: the next request asks for a fresh one, once.
    if (error.status === 401) return this.#refusedTokens++ === 0;
    // Who was let in before is not one too many, but came back before the server knew that the first connection is lost.
    if (error.status === 429) return this.#hasSucceeded;
    return error.status === 0 || error.status >= 500;
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
