import type { Storage } from '@gantry/core';
import { newUploadKey } from '@gantry/core';
import type { FastifyRequest } from 'fastify';

import { ApiError } from '../errors/api-error.ts';
import { cleanFileName } from './clean-file-name.ts';

/** A file that lies in storage, and its bytes to check it by. */
export type StoredFile = {
  storageKey: string;
  fileName: string;
  size: number;
  sha256: string;
  bytes: Uint8Array;
};

/** The parts of a submitted form, in whatever order they came. */
export type SubmittedForm = { fields: Map<string, string>; file: StoredFile | null };

const FIELDS = new Set(['serviceId', 'userId', 'input', 'priority', 'idempotencyKey']);

/**
 * Reads a multipart form; the file goes to storage as it comes in. `onStored` is told of its key first, so that
 * the caller can take it away again whatever happens next.
 */
export async function readForm(
  request: FastifyRequest,
  o: { storage: Storage; maxBytes: number; onStored: (key: string) => void },
): Promise<SubmittedForm> {
  const fields = new Map<string, string>();
  let file: StoredFile | null = null;
  for await (const part of untilGone(request.parts(), request)) {
    if (part.type === 'field') {
      if (!FIELDS.has(part.fieldname) || fields.has(part.fieldname))
        throw badForm(`The form has an unknown or repeated field.`);
      if (part.valueTruncated || typeof part.value !== 'string')
        throw badForm('A field of the form is too long.');
      fields.set(part.fieldname, part.value);
    } else {
      if (part.fieldname !== 'file' || file) throw badForm('Attach one file, as the field "file".');
      const storageKey = newUploadKey();
      o.onStored(storageKey);
      const chunks: Uint8Array[] = [];
      const stored = await o.storage.put(storageKey, keep(untilGone(part.file, request), chunks), {
        contentType: 'application/octet-stream',
        maxBytes: o.maxBytes,
      });
      file = { storageKey, fileName: cleanFileName(part.filename), ...stored, bytes: Buffer.concat(chunks) };
    }
  }
  return { fields, file };
}

/** Parts and chunks as they come, until the client is gone: the parser alone would wait for ever for the rest. */
async function* untilGone<T>(source: AsyncIterable<T>, { raw }: FastifyRequest): AsyncGenerator<T> {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const onClose = () => {
    if (!raw.complete) gone.reject(badForm('The upload was broken off.'));
  };
  raw.once('close', onClose);
  if (raw.destroyed) onClose();
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next().catch(refuseMalformed), gone.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    raw.off('close', onClose);
  }
}

async function* keep(source: AsyncIterable<Uint8Array>, chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    chunks.push(chunk);
    yield chunk;
  }
}

/** The parser's own errors, which carry no status, mean a broken form: no boundary, or an end too early. */
function refuseMalformed(error: unknown): never {
  if (error instanceof Error && !('statusCode' in error))
    throw badForm('The form is incomplete or malformed.');
  throw error;
}

function badForm(message: string): ApiError {
  return new ApiError(400, 'FORM_INVALID', message);
}
