import { Readable } from 'node:stream';

import { createClient } from '@supabase/supabase-js';
import type { Db } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';
import { listObjects } from './list-objects.ts';
import { Meter } from './meter.ts';
import type { Storage } from './storage.ts';
import { checkKey } from './storage-key.ts';

const DELETED_AT_ONCE = 100;

/** How long Storage may take, in milliseconds: less than the minute after which the API cuts a silent connection. */
type Limits = {
  /** Until an upload is answered. */
  uploadMs: number;
  /** Until any other answer begins. */
  answerMs: number;
  /** Between two pieces of a download. */
  idleMs: number;
};
const LIMITS: Limits = { uploadMs: 45_000, answerMs: 15_000, idleMs: 30_000 };

/** Where files are kept. */
export type SupabaseStorageOptions = {
  url: string;
  secretKey: string;
  /** Lists files: one read of `storage.objects`, where Storage's own API wants a call for each folder. */
  db: Db;
  bucket?: string;
  limits?: Limits;
};

/** Keeps files in a private bucket of Supabase Storage, reached with the secret key. */
export function createSupabaseStorage(o: SupabaseStorageOptions): Storage {
  const { bucket: bucketId = 'gantry', limits = LIMITS } = o;
  const client = createClient(o.url, o.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: (input, init) => fetchInTime(input, init, limits) },
  });
  const bucket = client.storage.from(bucketId);
  return {
    async put(key, body, { contentType, maxBytes }) {
      const meter = new Meter(maxBytes);
      // Storage wants the length before the first byte, and the limit must hold before anything is stored.
      const chunks: Uint8Array[] = [];
      for await (const chunk of meter.pass(body)) chunks.push(chunk);
      const { error } = await bucket.upload(checkKey(key), Buffer.concat(chunks), {
        contentType,
        upsert: false,
      });
      // Nothing is there yet, so "not found" means the bucket.
      if (error) throw toStorageError(error, 'STORAGE_UNAVAILABLE');
      return meter.result();
    },

    async get(key) {
      const { data, error } = await bucket.download(checkKey(key)).asStream();
      if (error) throw toStorageError(error);
      return Readable.from(readInTime(data, limits.idleMs), { objectMode: false });
    },

    async delete(keys) {
      for (let start = 0; start < keys.length; start += DELETED_AT_ONCE) {
        const { error } = await bucket.remove(keys.slice(start, start + DELETED_AT_ONCE).map(checkKey));
        if (error) throw toStorageError(error);
      }
    },

    list: () => listObjects(o.db, bucketId),

    async check() {
      const { error } = await client.storage.getBucket(bucketId);
      if (error) throw toStorageError(error, 'STORAGE_UNAVAILABLE');
    },
  };
}

/** Like fetch, but gives up when no answer begins in time. */
async function fetchInTime(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  limits: Limits,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), init?.method === 'POST' ? limits.uploadMs : limits.answerMs);
  try {
    return await fetch(input, {
      ...init,
      // The secret key must not go to wherever an answer leads.
      redirect: 'error',
      signal: init?.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Passes a body on piece by piece, as fast as it is read, and gives up when nothing more comes. */
async function* readInTime(body: ReadableStream<Uint8Array>, idleMs: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  let hasStalled = false;
  try {
    for (;;) {
      timer = setTimeout(() => {
        hasStalled = true;
        void reader.cancel();
      }, idleMs);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      // A read that is cancelled ends as if the file had ended.
      if (hasStalled) throw new Error('Storage sends nothing more.');
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw error instanceof Error ? toStorageError(error, 'STORAGE_UNAVAILABLE') : error;
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
}

/** @param missing what "not found" means where it was said */
function toStorageError(
  error: Error,
  missing: 'STORAGE_OBJECT_MISSING' | 'STORAGE_UNAVAILABLE' = 'STORAGE_OBJECT_MISSING',
): GantryError {
  // The server answers 400 to most things and says in the body what it means.
  const said = new Set<unknown>([
    'status' in error && String(error.status),
    'statusCode' in error && String(error.statusCode),
  ]);
  if (said.has('409')) {
    return new GantryError('STORAGE_KEY_TAKEN', undefined, { cause: error });
  }
  if (said.has('404') && missing === 'STORAGE_OBJECT_MISSING') {
    return new GantryError(missing, undefined, { cause: error });
  }
  if (said.has('413')) {
    return new GantryError('FILE_TOO_LARGE', 'The file is larger than the storage takes.', { cause: error });
  }
  return new GantryError('STORAGE_UNAVAILABLE', undefined, { cause: error });
}
