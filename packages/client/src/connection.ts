import type { AppRouter } from '@gantry/api';
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client';

import { networkError } from './api-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { parseAnswer } from './parse-answer.ts';
import { readAnswer, sendRequest, urlOf } from './send-request.ts';
import { withOwnSignal } from './with-own-signal.ts';

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
        // A batch ends only when all its calls are aborted, so a call that can be aborted is sent alone, like a long one.
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
