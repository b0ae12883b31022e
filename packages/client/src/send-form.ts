import type { Answer } from './answer.ts';
import { networkError } from './api-error.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { parseAnswer } from './parse-answer.ts';
import { readAnswer, sendRequest, urlOf } from './send-request.ts';
import { authorize } from './token.ts';
import { withOwnSignal } from './with-own-signal.ts';

/** How far an upload is: bytes sent, and bytes in all, the form around the file included. */
export type UploadProgress = { sentBytes: number; totalBytes: number };

/** What can be asked of an upload. */
export type SendOptions = {
  /** Breaks the upload off; the call rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Told as the file goes out. */
  onUploadProgress?: ((progress: UploadProgress) => void) | undefined;
};

type Form = { url: string; body: Blob; headers: Record<string, string> };

/** Posts a form and reports its progress. @throws {GantryApiError} */
export async function sendForm(
  connection: ConnectionOptions,
  path: string,
  body: Blob,
  o: SendOptions,
): Promise<unknown> {
  const headers = { 'content-type': body.type };
  const sent = { url: urlOf(connection, path), body, headers };
  const isBrowser = 'XMLHttpRequest' in globalThis;
  // Browsers tell how much of an upload has left only through the old interface; Node has only the new one.
  if (isBrowser && !connection.fetch) return parseAnswer(await sendWithXhr(connection, sent, o));
  return parseAnswer(await sendWithFetch(connection, sent, o, !isBrowser));
}

async function sendWithXhr(connection: ConnectionOptions, form: Form, o: SendOptions): Promise<Answer> {
  const headers = { ...form.headers, ...(await authorize(connection.getToken)) };
  o.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('POST', form.url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      o.onUploadProgress?.({ sentBytes: loaded, totalBytes: total }),
    );
    request.addEventListener('load', () =>
      resolve({
        status: request.status,
        body: request.responseText,
        retryAfter: request.getResponseHeader('retry-after'),
      }),
    );
    request.addEventListener('error', () => reject(networkError()));
    request.addEventListener('abort', () => reject(o.signal?.reason));
    request.addEventListener('loadend', () => o.signal?.removeEventListener('abort', abort));
    o.signal?.addEventListener('abort', abort);
    request.send(form.body);
  });
}

function sendWithFetch(
  connection: ConnectionOptions,
  { url, body, headers }: Form,
  { signal, onUploadProgress }: SendOptions,
  canStream: boolean,
): Promise<Answer> {
  const isCounted = onUploadProgress !== undefined && canStream;
  return withOwnSignal({ signal }, (own) => {
    const init: RequestInit & { duplex?: 'half' } = {
      method: 'POST',
      headers,
      signal: own,
      ...(isCounted ? { body: countBytes(body, onUploadProgress), duplex: 'half' } : { body }),
    };
    return sendRequest(connection, url, init, readAnswer);
  });
}

/** The bytes of a Blob; reports how many were taken. */
function countBytes(
  body: Blob,
  onUploadProgress: (progress: UploadProgress) => void,
): ReadableStream<Uint8Array> {
  const reader = body.stream().getReader();
  let sentBytes = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        sentBytes += value.length;
        controller.enqueue(value);
        onUploadProgress({ sentBytes, totalBytes: body.size });
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is taken ahead: a byte counts once the connection asked for it.
    { highWaterMark: 0 },
  );
}
