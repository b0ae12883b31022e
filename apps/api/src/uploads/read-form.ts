import type { Storage } from '@gantry/core';
import { newUploadKey } from '@gantry/core';
import type { FastifyRequest } from 'fastify';

import { ApiError } from '../errors/api-error.ts';
import { cleanFileName } from './clean-file-name.ts';
import { PartHeaders, requirePlain } from './part-headers.ts';

/** A stored file, and its bytes to check it by. */
export type StoredFile = {
  storageKey: string;
  fileName: string;
  size: number;
  sha256: string;
  bytes: Uint8Array;
};

/** The parts of a submitted form, in whatever order they came. */
export type SubmittedForm = { fields: Map<string, string>; file: StoredFile | null };

const FIELDS = new Set([
  'serviceId',
  'userId',
  'input',
  'priority',
  'runAt',
  'idempotencyKey',
  'dependsOn',
  'tags',
]);

// All that a form may have besides its file: fields, boundaries, headers of parts.
const FORM_OVERHEAD = 1_000_000;

/**
 * Reads a multipart form; the file is streamed to storage. `onStored` gets its key first, so that
 * the caller can take it away again whatever happens next.
 *
 * @param o.stallMs how long the client may send nothing
 * @throws {ApiError} FORM_INVALID, FILE_TYPE_UNSUPPORTED, BODY_TOO_LARGE, HEADERS_TOO_LARGE, ENCODING_UNSUPPORTED,
 *   REQUEST_TIMEOUT
 */
export async function readForm(
  request: FastifyRequest,
  o: { storage: Storage; maxBytes: number; stallMs: number; onStored: (key: string) => void },
): Promise<SubmittedForm> {
  requirePlain(request.headers['content-encoding']);
  using end = watchForEnd(request, { maxBytes: o.maxBytes + FORM_OVERHEAD, stallMs: o.stallMs });
  const fields = new Map<string, string>();
  let file: StoredFile | null = null;
  for await (const part of until(end.early, request.parts())) {
    if (part.type === 'field') {
      if (!FIELDS.has(part.fieldname) || fields.has(part.fieldname))
        throw badForm(`The form has an unknown or repeated field.`);
      if (part.valueTruncated || typeof part.value !== 'string')
        throw badForm('A field of the form is too long.');
      fields.set(part.fieldname, part.value);
    } else {
      if (part.fieldname !== 'file' || file) throw badForm(ONE_FILE);
      const fileName = cleanFileName(part.filename);
      const storageKey = newUploadKey();
      o.onStored(storageKey);
      const chunks: Uint8Array[] = [];
      const stored = await o.storage.put(storageKey, keep(until(end.early, part.file), chunks), {
        contentType: 'application/octet-stream',
        maxBytes: o.maxBytes,
      });
      file = { storageKey, fileName, ...stored, bytes: Buffer.concat(chunks) };
    }
  }
  // The parser may have come to the end before what was wrong with the form was noticed.
  await Promise.race([end.early, Promise.resolve()]);
  return { fields, file };
}

/** `early` rejects when the client is gone before the end, sends nothing for too long, or sends what no form can be. */
function watchForEnd(
  { raw }: FastifyRequest,
  { maxBytes, stallMs }: { maxBytes: number; stallMs: number },
): { early: Promise<never> } & Disposable {
  const { promise: early, reject } = Promise.withResolvers<never>();
  early.catch(() => {});
  const headers = new PartHeaders(raw.headers['content-type'] ?? '');
  const stall = setTimeout(() => {
    if (raw.complete) return;
    reject(new ApiError(408, 'REQUEST_TIMEOUT', 'The upload stopped before its end. Please try again.'));
  }, stallMs);
  let size = 0;
  const onData = (chunk: Buffer) => {
    stall.refresh();
    size += chunk.length;
    if (size > maxBytes) reject(new ApiError(413, 'BODY_TOO_LARGE', 'The request is too large.'));
    try {
      headers.push(chunk);
    } catch (error) {
      reject(error);
    }
  };
  const onClose = () => {
    if (!raw.complete) reject(badForm('The upload was broken off.'));
  };
  raw.on('data', onData).once('close', onClose);
  if (raw.destroyed) onClose();
  return {
    early,
    [Symbol.dispose]() {
      clearTimeout(stall);
      raw.off('data', onData).off('close', onClose);
    },
  };
}

/** What comes until `early` rejects: the parser alone would wait for ever for what a lost client still owes. */
async function* until<T>(early: Promise<never>, source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next().catch(refuseMalformed), early]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a parser that waits for a lost client would never answer.
    iterator.return?.().catch(() => {});
  }
}

async function* keep(source: AsyncIterable<Uint8Array>, chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    chunks.push(chunk);
    yield chunk;
  }
}

const ONE_FILE = 'Attach one file, as the field "file".';

/** The parser's own errors, which carry no status, mean a broken form: no boundary, or an end too early. */
function refuseMalformed(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === 'FST_FILES_LIMIT') throw badForm(ONE_FILE);
  if (error instanceof Error && !('statusCode' in error))
    throw badForm('The form is incomplete or malformed.');
  throw error;
}

function badForm(message: string): ApiError {
  return new ApiError(400, 'FORM_INVALID', message);
}
