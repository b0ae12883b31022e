import type { CDPSession, Protocol } from 'puppeteer-core';

import { cutText } from './cut-text.ts';

const MAX_URL_LENGTH = 4_000;
const MAX_HEADER_LENGTH = 4_000;
const MAX_HEADERS = 60;
/** Of what a page sends, in characters. */
export const MAX_POST_LENGTH = 16_000;

/** What was answered. */
export type Answer = {
  status: number;
  statusText: string;
  mimeType: string;
  protocol: string;
  isFromCache: boolean;
  headers: [string, string][];
};

/** What a page asked for, and what came of it. Times in seconds of the browser's own clock, `wallTime` since 1970. */
export type Exchange = {
  session: CDPSession;
  requestId: string;
  page: number;
  wallTime: number;
  startedAt: number;
  respondedAt: number | null;
  endedAt: number | null;
  method: string;
  url: string;
  requestHeaders: [string, string][];
  postData: string | null;
  answer: Answer | null;
  /** The headers of an answer that come in an event of their own, maybe before it. */
  wholeHeaders: { status: number; headers: [string, string][] } | null;
  redirectUrl: string;
  /** As they came over the wire. */
  bytes: number;
  failure: string | null;
};

/** Begins an exchange. Nothing in it is longer than it may be, whatever the page does. */
export function toExchange(
  session: CDPSession,
  page: number,
  { requestId, request, timestamp, wallTime }: Protocol.Network.RequestWillBeSentEvent,
): Exchange {
  return {
    session,
    requestId,
    page,
    wallTime,
    startedAt: timestamp,
    respondedAt: null,
    endedAt: null,
    method: cutText(request.method, 40),
    url: cutText(request.url, MAX_URL_LENGTH),
    requestHeaders: toHeaders(request.headers),
    postData: request.postData === undefined ? null : cutText(request.postData, MAX_POST_LENGTH),
    answer: null,
    wholeHeaders: null,
    redirectUrl: '',
    bytes: 0,
    failure: null,
  };
}

/** The answer of an exchange, with the headers of its other event. */
export function toAnswer(response: Protocol.Network.Response, whole: Exchange['wholeHeaders']): Answer {
  return {
    status: response.status,
    statusText: cutText(response.statusText, 200),
    mimeType: cutText(response.mimeType, 200),
    protocol: response.protocol ?? '',
    isFromCache: response.fromDiskCache === true || response.fromServiceWorker === true,
    headers: whole?.status === response.status ? whole.headers : toHeaders(response.headers),
  };
}

/** Headers, as many and as long as are kept. */
export function toHeaders(headers: Record<string, string>): [string, string][] {
  return Object.entries(headers)
    .slice(0, MAX_HEADERS)
    .map(([name, value]) => [cutText(name, 200), cutText(value, MAX_HEADER_LENGTH)]);
}

/** About how much memory an exchange takes, in bytes. */
export function weigh({ url, postData, requestHeaders, answer, redirectUrl }: Exchange): number {
  const headers = [...requestHeaders, ...(answer?.headers ?? [])];
  const inHeaders = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return 500 + url.length + redirectUrl.length + (postData?.length ?? 0) + inHeaders;
}
