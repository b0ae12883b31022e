import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { SSE } from '../procedures/sse-settings.ts';
import { abortOnClose } from '../signals/abort-on-close.ts';
import { PING } from './messages.ts';

/** Writes the messages of one stream. A client that does not read is waited for, until the server's time-out cuts it off. */
export class MessageWriter implements Disposable {
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;
  readonly #ping: NodeJS.Timeout;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.gone = abortOnClose(response);
    this.#ping = setInterval(() => {
      if (!response.writableNeedDrain) response.write(PING);
    }, SSE.ping.intervalMs);
  }

  /** Writes a message. When it returns a promise, nothing more is to be written until that resolves. */
  write(message: Buffer): Promise<void> | null {
    if (this.gone.aborted) return null;
    this.#ping.refresh();
    return this.#response.write(message) ? null : this.#drained();
  }

  /** Writes the last message. */
  end(message: Buffer): void {
    if (!this.gone.aborted) this.#response.end(message);
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
