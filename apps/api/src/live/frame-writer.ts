import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { PING } from './frames.ts';
import { goneOf } from './gone-of.ts';
import { SSE } from './sse-settings.ts';

/** Writes the frames of one stream. A client that does not read is waited for, until the server's time-out cuts it off. */
export class FrameWriter implements Disposable {
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;
  readonly #ping: NodeJS.Timeout;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.gone = goneOf(response);
    this.#ping = setInterval(() => {
      if (!response.writableNeedDrain) response.write(PING);
    }, SSE.ping.intervalMs);
  }

  /** Writes a frame. When it returns a promise, nothing more is to be written until that resolves. */
  write(frame: Buffer): Promise<void> | null {
    if (this.gone.aborted) return null;
    this.#ping.refresh();
    return this.#response.write(frame) ? null : this.#drained();
  }

  /** Writes the last frame. */
  end(frame: Buffer): void {
    if (!this.gone.aborted) this.#response.end(frame);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ping);
  }

  async #drained(): Promise<void> {
    try {
      await once(this.#response, 'drain', { signal: this.gone });
    } catch (error) {
      if (!this.gone.aborted) throw error;
    }
  }
}
