import type { Answer } from './answer.ts';
import { GantryApiError, networkError } from './api-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { authorize } from './token.ts';

/** The address of something at the API. */
export function urlOf(o: ConnectionOptions, path: string): string {
  return `${o.url.replace(/\/+$/, '')}${path}`;
}

/**
 * Sends a request with the caller's token, and reads as much of its answer as `read` does, which may refuse it.
 *
 * @throws {GantryApiError} NETWORK_ERROR when no answer came, or when it broke off
 * @throws the reason of `init.signal`
 */
export async function sendRequest<T>(
  o: ConnectionOptions,
  url: RequestInfo | URL,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(await authorize(o.getToken))) headers.set(name, value);
  init.signal?.throwIfAborted();
  const send = o.fetch ?? fetch;
  try {
    return await read(await send(url, { ...init, headers }));
  } catch (error) {
    init.signal?.throwIfAborted();
    throw error instanceof GantryApiError ? error : networkError(error);
  }
}

/** Reads an answer to its end. */
export async function readAnswer(response: Response): Promise<Answer> {
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, body: await response.text(), retryAfter };
}
