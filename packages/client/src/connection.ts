import type { AppRouter } from '@gantry/api';
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client';

import { networkError } from './api-error.ts';
import { parseAnswer } from './parse-answer.ts';
import { readAnswer, sendRequest, urlOf } from './send-request.ts';
import type { GetToken } from './token.ts';
import { withOwnSignal } from './with-own-signal.ts';

/** How a client reaches the API. */
export type ConnectionOptions = {
  /** Where the API is: `https://gantry.example.com`. */
  url: string;
  /** The caller's access token, asked for at each request; null when nobody is signed in. What it throws, the call throws. */
  getToken: GetToken;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
  /**
   * The longest that a query may take: without its whole answer by then, it fails with `NETWORK_ERROR`. No limit by default.
   * A stream of events that has not started by then is opened again. Changes, uploads and downloads have no limit, since they
   * may take long on a healthy server.
   */
  queryTimeoutMs?: number | undefined;
};

// The server answers a batch of at most 20, and reads no more than 16 KB of headers, the URL included.
const MAX_CALLS_IN_A_BATCH = 20;
const MAX_INPUT_LENGTH_IN_A_BATCH = 500;

// tRPC says of its signal that it may be undefined, `fetch` that it may be null.
type Init = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | null | undefined };

/** The procedures, over HTTP. */
export function connect(o: ConnectionOptions) {
  const link = {
    url: urlOf(o, '/api/trpc'),
    fetch: async (target: RequestInfo | URL, init: Init = {}) => {
      const { signal, ...request } = init;
      // tRPC sends queries by GET, and everything else by POST.
      const timeoutMs = request.method === 'GET' ? o.queryTimeoutMs : undefined;
      const answer = await withOwnSignal({ signal, timeoutMs, timeoutError: networkError }, (own) =>
        sendRequest(o, target, { ...request, signal: own }, readAnswer),
      );
      return { ok: true, json: async () => parseAnswer(answer) };
    },
  };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        // A batch goes on until all its calls are aborted: a call that can be aborted goes alone, like a long one.
        condition: ({ signal, input }) => Boolean(signal) || lengthInUrl(input) > MAX_INPUT_LENGTH_IN_A_BATCH,
        true: httpLink(link),
        false: httpBatchLink({ ...link, maxItems: MAX_CALLS_IN_A_BATCH }),
      }),
    ],
  });
}

function lengthInUrl(input: unknown): number {
  return encodeURIComponent(JSON.stringify(input) ?? '').length;
}

/** A connection to the procedures. */
export type Connection = ReturnType<typeof connect>;
