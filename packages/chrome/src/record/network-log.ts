import type { CDPSession } from 'puppeteer-core';

import { type Exchange, MAX_POST_LENGTH, toAnswer, toExchange, toHeaders, weigh } from './exchange.ts';

const MAX_EXCHANGES = 1_000;
const MAX_BYTES = 8_000_000;

type Kept = { exchange: Exchange; key: string; weight: number };

/** Remembers the last requests of a run's pages and what came of them, in bounded memory however many there are. */
export class NetworkLog {
  // In order of their start. Of a chain of redirects all parts have one id; open is the last of them.
  readonly #kept = new Map<number, Kept>();
  readonly #open = new Map<string, number>();
  #counter = 0;
  #bytes = 0;
  #leftOut = 0;

  /** Listens to a page. */
  listen(session: CDPSession, page: number): Promise<unknown>[] {
    const keyOf = (requestId: string) => `${session.id()}/${requestId}`;
    const change = (requestId: string, write: (exchange: Exchange) => void) =>
      this.#change(keyOf(requestId), write);
    const close = (requestId: string, write: (exchange: Exchange) => void) => {
      change(requestId, write);
      this.#open.delete(keyOf(requestId));
    };
    session.on('Network.requestWillBeSent', (event) => {
      const { requestId, request, redirectResponse, timestamp } = event;
      if (request.url.startsWith('data:')) return;
      const next = toExchange(session, page, event);
      if (redirectResponse) {
        change(requestId, (before) => {
          before.answer = toAnswer(redirectResponse, before.wholeHeaders);
          before.redirectUrl = next.url;
          before.respondedAt = timestamp;
          before.endedAt = timestamp;
        });
      }
      this.#begin(keyOf(requestId), next);
    });
    // What really went out and came in, cookies included; before the plain event or after it.
    session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
      change(requestId, (exchange) => {
        if (!exchange.answer) exchange.requestHeaders = toHeaders(headers);
      });
    });
    session.on('Network.responseReceived', ({ requestId, response, timestamp }) => {
      change(requestId, (exchange) => {
        exchange.answer = toAnswer(response, exchange.wholeHeaders);
        exchange.respondedAt = timestamp;
      });
    });
    session.on('Network.responseReceivedExtraInfo', ({ requestId, headers, statusCode }) => {
      change(requestId, (exchange) => {
        exchange.wholeHeaders = { status: statusCode, headers: toHeaders(headers) };
        if (exchange.answer?.status === statusCode) exchange.answer.headers = exchange.wholeHeaders.headers;
      });
    });
    session.on('Network.loadingFinished', ({ requestId, timestamp, encodedDataLength }) => {
      close(requestId, (exchange) => {
        exchange.endedAt = timestamp;
        exchange.bytes = Math.max(0, encodedDataLength);
      });
    });
    session.on('Network.loadingFailed', ({ requestId, timestamp, errorText, blockedReason }) => {
      close(requestId, (exchange) => {
        exchange.endedAt = timestamp;
        exchange.failure = blockedReason ? `${errorText} (${blockedReason})` : errorText;
      });
    });
    return [
      session.send('Network.enable', {
        maxTotalBufferSize: 4_000_000,
        maxResourceBufferSize: 200_000,
        maxPostDataSize: MAX_POST_LENGTH,
      }),
    ];
  }

  /** The exchanges as they are now, in order of their start, and how many came before them. */
  get exchanges(): { exchanges: Exchange[]; leftOut: number } {
    const exchanges = Array.from(this.#kept.values(), ({ exchange }) => ({
      ...exchange,
      answer: exchange.answer && { ...exchange.answer },
    }));
    return { exchanges, leftOut: this.#leftOut };
  }

  #begin(key: string, exchange: Exchange): void {
    const number = this.#counter++;
    const weight = weigh(exchange);
    this.#kept.set(number, { exchange, key, weight });
    this.#open.set(key, number);
    this.#bytes += weight;
    this.#forget();
  }

  #change(key: string, write: (exchange: Exchange) => void): void {
    const kept = this.#kept.get(this.#open.get(key) ?? -1);
    if (!kept) return;
    write(kept.exchange);
    const weight = weigh(kept.exchange);
    this.#bytes += weight - kept.weight;
    kept.weight = weight;
    this.#forget();
  }

  #forget(): void {
    for (const [number, { key, weight }] of this.#kept) {
      if (this.#kept.size <= MAX_EXCHANGES && this.#bytes <= MAX_BYTES) return;
      this.#kept.delete(number);
      if (this.#open.get(key) === number) this.#open.delete(key);
      this.#bytes -= weight;
      this.#leftOut += 1;
    }
  }
}
