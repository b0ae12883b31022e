import type { GetToken } from './token.ts';

/** How a client reaches the API. */
export type ConnectionOptions = {
  /** Where the API is: `https://gantry.example.com`. */
  url: string;
  /** The caller's access token, asked for at each request; null when no user is signed in. What it throws, the call throws. */
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
