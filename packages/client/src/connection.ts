import type { AppRouter } from '@gantry/api';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';

/** How a client reaches the API. */
export type ConnectionOptions = {
  /** Where the API is: `https://gantry.example.com`. */
  url: string;
  /** The caller's access token, asked for at each request; null when nobody is signed in. */
  getToken: () => Promise<string | null> | string | null;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
};

// The server answers a batch of at most 20.
const MOST_CALLS_IN_A_BATCH = 20;

/** Headers with the caller's token. It stands in no URL. */
export async function authorize(o: ConnectionOptions): Promise<Record<string, string>> {
  const token = await o.getToken();
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** The procedures, over HTTP; live events over server-sent events that carry the token in a header. */
export function connect(o: ConnectionOptions) {
  const url = `${o.url.replace(/\/$/, '')}/api/trpc`;
  const send = o.fetch ?? fetch;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: () => ({
            fetch: async (target, init) =>
              send(target, { ...init, headers: { ...init.headers, ...(await authorize(o)) } }),
          }),
        }),
        false: httpBatchLink({
          url,
          maxItems: MOST_CALLS_IN_A_BATCH,
          headers: () => authorize(o),
          fetch: (target, init) => send(target, { ...init, signal: init?.signal ?? null }),
        }),
      }),
    ],
  });
}

/** A connection to the procedures. */
export type Connection = ReturnType<typeof connect>;
