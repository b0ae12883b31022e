import type { Cookie, Entry, Har, Page, PostData, QueryString } from 'har-format';

import { decode } from '../redact/redact-body.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { Exchange } from './exchange.ts';
import { takeTurns } from './take-turns.ts';

/** What a HAR is made of. */
export type HarParts = {
  /** By the number of the page, in milliseconds since 1970. */
  openedAt: ReadonlyMap<number, number>;
  exchanges: readonly Exchange[];
  /** Exchanges before these that are not kept. */
  leftOut: number;
  /** Bodies of answers, as text. */
  bodies: ReadonlyMap<Exchange, string>;
};

/**
 * Writes what pages asked for as HAR 1.2, without secrets. A request that had no answer has the status 0. Pages may have
 * sent what takes seconds to clean, so others have their turns meanwhile.
 */
export async function toHar(
  { openedAt, exchanges, leftOut, bodies }: HarParts,
  redactor: Redactor,
): Promise<Har> {
  const toPage = ([number, at]: [number, number]): Page => {
    const first = exchanges.find(({ page }) => page === number);
    const title = redactor.url(first?.url ?? 'about:blank');
    return { startedDateTime: new Date(at).toISOString(), id: `page-${number}`, title, pageTimings: {} };
  };
  const turn = takeTurns();
  const entries: Entry[] = [];
  for (const exchange of exchanges) {
    await turn();
    entries.push({
      ...(openedAt.has(exchange.page) && { pageref: `page-${exchange.page}` }),
      ...toEntry(exchange, bodies.get(exchange), redactor),
    });
  }
  return {
    log: {
      version: '1.2',
      creator: { name: 'Gantry', version: '1' },
      pages: [...openedAt].map(toPage),
      entries,
      ...(leftOut > 0 && { comment: `${leftOut} earlier requests are not kept.` }),
    },
  };
}

function toEntry(exchange: Exchange, body: string | undefined, redactor: Redactor): Entry {
  const { startedAt, respondedAt, endedAt, answer, failure } = exchange;
  const until = respondedAt ?? endedAt ?? startedAt;
  const wait = milliseconds(until - startedAt);
  const receive = milliseconds((endedAt ?? until) - until);
  return {
    startedDateTime: new Date(exchange.wallTime * 1000).toISOString(),
    time: wait + receive,
    request: toRequest(exchange, redactor),
    response: {
      status: answer?.status ?? 0,
      statusText: redactor.text(answer?.statusText ?? ''),
      httpVersion: versionOf(answer?.protocol),
      cookies: answer ? toCookies(answer.headers, 'set-cookie') : [],
      headers: answer ? redactor.headers(answer.headers) : [],
      content: {
        size: exchange.bytes,
        mimeType: answer?.mimeType ?? 'x-unknown',
        ...(body !== undefined && { text: redactor.body(body, answer?.mimeType ?? '') }),
      },
      redirectURL: redactor.url(exchange.redirectUrl),
      headersSize: -1,
      bodySize: answer?.isFromCache ? 0 : exchange.bytes,
      ...(failure !== null && { comment: failure }),
    },
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait, receive },
    ...(!answer && failure === null && { comment: 'There was no answer yet.' }),
  };
}

function toRequest(exchange: Exchange, redactor: Redactor): Entry['request'] {
  const { method, postData, requestHeaders, answer } = exchange;
  const url = redactor.url(exchange.url);
  return {
    method,
    url,
    httpVersion: versionOf(answer?.protocol),
    cookies: toCookies(requestHeaders, 'cookie'),
    headers: redactor.headers(requestHeaders),
    queryString: toQuery(url),
    ...(postData !== null && { postData: toPostData(postData, requestHeaders, redactor) }),
    headersSize: -1,
    bodySize: postData === null ? 0 : Buffer.byteLength(postData),
  };
}

/** What was sent; forms and JSON only, since nothing else can be cleaned with certainty. */
function toPostData(text: string, headers: [string, string][], redactor: Redactor): PostData {
  const mimeType = valueOf(headers, 'content-type') ?? 'text/plain';
  const isText = /x-www-form-urlencoded|json|^text\//i.test(mimeType);
  return isText
    ? { mimeType, text: redactor.body(text, mimeType) }
    : { mimeType, text: '', comment: 'Bodies of this type are not kept.' };
}

/** The parameters of a URL that has been cleaned. */
function toQuery(url: string): QueryString[] {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  return query
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return { name: decode(name), value: decode(value.join('=')) };
    });
}

/** Names of cookies, without their values. A cookie without a name is all value. */
function toCookies(headers: [string, string][], header: 'cookie' | 'set-cookie'): Cookie[] {
  const parts = (valueOf(headers, header) ?? '').split(header === 'cookie' ? ';' : '\n');
  return parts.flatMap((part) => {
    const [, name = ''] = /^\s*([^=;]*)=/.exec(part) ?? [];
    return part.trim() === '' ? [] : [{ name, value: 'REDACTED' }];
  });
}

function valueOf(headers: readonly [string, string][], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function versionOf(protocol = ''): string {
  return { h2: 'HTTP/2', h3: 'HTTP/3', '': 'unknown' }[protocol] ?? protocol.toUpperCase();
}

function milliseconds(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1_000_000) / 1000);
}
