import { GantryApiError } from './api-error.ts';
import { withApiErrors } from './with-api-errors.ts';

const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;

/**
 * Asks again when the server cannot be reached or is busy, after pauses that grow from a quarter of a second to ten, and not
 * before its `Retry-After`.
 */
export class RetryPolicy {
  readonly #signal: AbortSignal | undefined;
  #pauseMs = MIN_PAUSE_MS;
  /** What the server asked for, with its last refusal. */
  #askedMs = 0;
  #hasSucceeded = false;
  #refusedTokens = 0;
  readonly #bearsLimits: boolean;

  /** @param o.bearsLimits whether a limit of the server is waited for from the beginning; true by default */
  constructor(signal: AbortSignal | undefined, { bearsLimits = true }: { bearsLimits?: boolean } = {}) {
    this.#signal = signal;
    this.#bearsLimits = bearsLimits;
  }

  /** Call it when the server answers. */
  succeed(): void {
    this.#pauseMs = MIN_PAUSE_MS;
    this.#hasSucceeded = true;
    this.#refusedTokens = 0;
  }

  /** Throws an error that will not pass. */
  check(error: unknown): void {
    if (!this.#mayPass(error)) throw error;
    this.#askedMs = (error instanceof GantryApiError && error.retryAfterMs) || 0;
  }

  /** Pauses; not for long once the signal is aborted. */
  async pause(): Promise<void> {
    // At random, so that a thousand clients do not come back at once; never before the server wants to be asked again.
    await sleep(this.#askedMs + this.#pauseMs * (0.5 + Math.random()), this.#signal);
    this.#askedMs = 0;
    this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
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
    // A limit passes: a minute begins, or another stream of the same user ends. Who was let in before is not one too many,
    // but came back before the server knew that the first connection is lost.
    if (error.status === 429) return this.#bearsLimits || this.#hasSucceeded;
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
