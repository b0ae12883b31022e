import { availableParallelism } from 'node:os';

import type { FastifyRequest } from 'fastify';
import pLimit, { type LimitFunction } from 'p-limit';
import { Piscina } from 'piscina';

import { AuthError } from '../auth-error.ts';
import { clientOf } from './client-of.ts';

const IDLE_MS = 30_000;
/** How many requests of one client may wait, and how many in all. */
const MAX_WAITING = { client: 50, all: 500 };

/**
 * Hashes and checks passwords beside the event loop, so that everything else is answered meanwhile. The requests of one
 * client go one after the other: however many it sends, others wait for one of them at most.
 */
export class PasswordThreads implements AsyncDisposable {
  readonly #pool = new Piscina({
    filename: new URL('./password-thread.ts', import.meta.url).href,
    minThreads: 0,
    // One processor is left for the event loop.
    maxThreads: Math.max(1, Math.min(4, availableParallelism() - 1)),
    idleTimeout: IDLE_MS,
  });
  readonly #turns = new Map<string, LimitFunction>();
  #waiting = 0;

  /**
   * Runs when the request's client has its turn.
   *
   * @throws {AuthError} over_request_rate_limit when too many wait already
   */
  async takeTurn<T>(request: FastifyRequest, run: () => Promise<T>): Promise<T> {
    const client = clientOf(request);
    const turn = this.#turns.get(client) ?? pLimit(1);
    if (turn.pendingCount >= MAX_WAITING.client || this.#waiting >= MAX_WAITING.all) throw tooMany();
    this.#turns.set(client, turn);
    this.#waiting += 1;
    try {
      return await turn(() => {
        // Nothing is hashed for a client that has left.
        if (request.raw.socket.destroyed) throw tooMany();
        return run();
      });
    } finally {
      this.#waiting -= 1;
      if (turn.activeCount === 0 && turn.pendingCount === 0) this.#turns.delete(client);
    }
  }

  hash(password: string): Promise<string> {
    return this.#pool.run({ password }, { name: 'hash' });
  }

  verify(password: string, hash: string): Promise<boolean> {
    return this.#pool.run({ password, hash }, { name: 'verify' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

function tooMany(): AuthError {
  return new AuthError(
    429,
    'over_request_rate_limit',
    'Too many passwords are being checked at the moment. Try again in a few seconds.',
    5,
  );
}
