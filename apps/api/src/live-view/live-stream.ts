import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';
import { SSE } from '../procedures/sse-settings.ts';
import { abortOnClose } from '../signals/abort-on-close.ts';
import type { LiveViewer } from './live-view.ts';
import { LAST_PART, LIVE_CONTENT_TYPE, type LiveMessage, messagePart } from './parts.ts';

const HEADERS = {
  'content-type': LIVE_CONTENT_TYPE,
  'cache-control': 'no-store, no-transform',
  // Tells nginx to pass on what comes at once.
  'x-accel-buffering': 'no',
};
const PING = messagePart({ type: 'ping' });

/**
 * The stream of one viewer. Of each kind of message it holds the newest until the client takes it: a slow one gets fewer
 * pictures, and nothing gathers here.
 */
export class LiveStream implements LiveViewer, Disposable {
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;
  readonly #waiting = new Map<string, Buffer>();
  readonly #ended = new AbortController();
  readonly #ping: NodeJS.Timeout;

  /** Takes the answer over from Fastify. */
  constructor(reply: FastifyReply) {
    const headers = { ...reply.getHeaders(), ...HEADERS };
    reply.hijack();
    this.#response = reply.raw;
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) this.#response.setHeader(name, value);
    this.#response.on('drain', () => this.#flush());
    this.gone = abortOnClose(reply.raw);
    this.#response.flushHeaders();
    this.#ping = setInterval(() => this.#put('ping', PING), SSE.ping.intervalMs);
  }

  /** Aborted when a job that is shown has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Says something; what was said of the same and has not been sent yet need not be known any more. */
  say(about: string, message: LiveMessage): void {
    this.#put(about, messagePart(message));
  }

  onState(o: Parameters<LiveViewer['onState']>[0]): void {
    this.say(`state ${o.jobId}`, { type: 'state', ...o });
    if (o.state === 'ended') this.#ended.abort();
  }

  onPicture(jobId: string, part: Buffer): void {
    this.#put(`picture ${jobId}`, part);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ping);
    if (this.gone.aborted) return;
    this.#response.end(Buffer.concat([...this.#waiting.values(), LAST_PART]));
    this.#waiting.clear();
  }

  #put(what: string, part: Buffer): void {
    this.#waiting.set(what, part);
    this.#flush();
  }

  #flush(): void {
    for (const [what, part] of this.#waiting) {
      if (this.gone.aborted || this.#response.writableNeedDrain) return;
      this.#waiting.delete(what);
      this.#response.write(part);
    }
  }
}
