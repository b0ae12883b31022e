import { createHash, randomBytes } from 'node:crypto';

import { type LiveRequest, requestLiveView } from '@gantry/core';
import type pg from 'pg';

/** For so long a worker may take what is asked for. */
const ASK_MS = 10_000;
/** Workers send something every three seconds; one that is silent for so long is gone. */
const SILENCE_MS = 12_000;

/** The workers that this process has asked for pictures. Of their tokens it keeps only the hashes. */
export class FrameSources {
  readonly #pool: pg.Pool;
  readonly #url: () => string;
  readonly #receivers = new Map<string, (jpeg: Buffer) => void>();

  /** @param o.url where workers reach this process */
  constructor(o: { pool: pg.Pool; url: () => string }) {
    this.#pool = o.pool;
    this.#url = o.url;
  }

  /** Whether pictures with this token are wanted. */
  knows(token: string): boolean {
    return this.#receivers.has(hash(token));
  }

  /** Takes a picture, or an empty keep-alive; false without a viewer. */
  receive(token: string, jpeg: Buffer): boolean {
    const receive = this.#receivers.get(hash(token));
    receive?.(jpeg);
    return receive !== undefined;
  }

  /**
   * Asks the worker of an attempt for pictures, and resolves when none comes, or none comes any more, or the signal is
   * aborted. From then on the token is good for nothing.
   *
   * @param onReceive called with each picture, and with an empty one as a sign of life
   * @throws {GantryError} when it could not ask
   */
  async ask(
    o: Omit<LiveRequest, 'token' | 'url'>,
    onReceive: (jpeg: Buffer) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const key = hash(token);
    const ended = Promise.withResolvers<void>();
    const end = () => ended.resolve();
    const silence = setTimeout(end, SILENCE_MS);
    this.#receivers.set(key, (jpeg) => {
      silence.refresh();
      onReceive(jpeg);
    });
    signal.addEventListener('abort', end);
    try {
      await requestLiveView(this.#pool, { ...o, token, url: this.#url(), ttlMs: ASK_MS });
      if (!signal.aborted) await ended.promise;
    } finally {
      this.#receivers.delete(key);
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
    }
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
