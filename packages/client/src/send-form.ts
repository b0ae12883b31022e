import { fromResponse, networkError } from './api-error.ts';
import { authorize, type ConnectionOptions } from './connection.ts';

/** How far an upload is: bytes sent, and bytes in all. */
export type UploadProgress = { sentBytes: number; totalBytes: number };

/** What can be asked of an upload. */
export type SendOptions = {
  signal?: AbortSignal | undefined;
  onUploadProgress?: ((progress: UploadProgress) => void) | undefined;
};

/** Posts a multipart form and tells how far it is. @throws {GantryApiError} */
export async function sendForm<T>(
  connection: ConnectionOptions,
  path: string,
  form: FormData,
  o: SendOptions & { headers?: Record<string, string> },
): Promise<T> {
  o.signal?.throwIfAborted();
  const url = `${connection.url.replace(/\/$/, '')}${path}`;
  const headers = { ...o.headers, ...(await authorize(connection)) };
  // Browsers tell how much of an upload has left only through the old interface; Node has only the new one.
  const { status, body } =
    'XMLHttpRequest' in globalThis && !connection.fetch
      ? await sendWithXhr(url, form, headers, o)
      : await sendWithFetch(connection.fetch ?? fetch, url, form, headers, o);
  if (status < 200 || status > 299) throw fromResponse(status, body);
  return JSON.parse(body);
}

function sendWithXhr(
  url: string,
  form: FormData,
  headers: Record<string, string>,
  o: SendOptions,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      o.onUploadProgress?.({ sentBytes: loaded, totalBytes: total }),
    );
    request.addEventListener('load', () => resolve({ status: request.status, body: request.responseText }));
    request.addEventListener('error', () => reject(networkError()));
    request.addEventListener('abort', () => reject(o.signal?.reason));
    o.signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

async function sendWithFetch(
  send: typeof fetch,
  url: string,
  form: FormData,
  headers: Record<string, string>,
  o: SendOptions,
): Promise<{ status: number; body: string }> {
  // A Response knows how to write a form; what it writes is counted on its way.
  const encoded = new Response(form);
  const totalBytes = [...form.values()].reduce(
    (sum, value) => sum + (typeof value === 'string' ? value.length : value.size),
    0,
  );
  let sentBytes = 0;
  const counted = encoded.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sentBytes = Math.min(totalBytes, sentBytes + chunk.length);
        o.onUploadProgress?.({ sentBytes, totalBytes });
        controller.enqueue(chunk);
      },
    }),
  );
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { ...headers, 'content-type': encoded.headers.get('content-type') ?? '' },
    body: counted ?? null,
    duplex: 'half',
    ...(o.signal && { signal: o.signal }),
  };
  try {
    const response = await send(url, init);
    return { status: response.status, body: await response.text() };
  } catch (error) {
    o.signal?.throwIfAborted();
    throw networkError(error);
  }
}
