import type { ServerResponse } from 'node:http';

/** Aborted when the client of an answer has gone; at once if that was while it was asked whether they may. */
export function abortOnClose(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  return gone.signal;
}
