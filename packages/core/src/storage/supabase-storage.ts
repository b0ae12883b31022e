import { Readable } from 'node:stream';

import { createClient } from '@supabase/supabase-js';

import { GantryError } from '../errors.ts';
import { Meter } from './meter.ts';
import type { Storage } from './storage.ts';
import { checkKey } from './storage-key.ts';

const PAGE = 100;
const ANSWER_TIMEOUT_MS = 60_000;

/** Keeps files in a private bucket of Supabase Storage, reached with the service key. */
export function createSupabaseStorage(o: { url: string; secretKey: string; bucket?: string }): Storage {
  const client = createClient(o.url, o.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: fetchInTime },
  });
  const bucket = client.storage.from(o.bucket ?? 'gantry');
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
      const { data, error } = await bucket.download(checkKey(key));
      if (error) throw toStorageError(error);
      return Readable.from([Buffer.from(await data.arrayBuffer())]);
    },

    async delete(keys) {
      for (let start = 0; start < keys.length; start += PAGE) {
        const { error } = await bucket.remove(keys.slice(start, start + PAGE).map(checkKey));
        if (error) throw toStorageError(error);
      }
    },

    list: () => listFolder(''),

    async check() {
      const { error } = await bucket.list('', { limit: 1 });
      if (error) throw toStorageError(error, 'STORAGE_UNAVAILABLE');
    },
  };

  async function* listFolder(folder: string): AsyncGenerator<{ key: string; createdAt: Date }> {
    for (let offset = 0; ; offset += PAGE) {
      const { data, error } = await bucket.list(folder, { limit: PAGE, offset });
      if (error) throw toStorageError(error);
      for (const entry of data) {
        const path = folder ? `${folder}/${entry.name}` : entry.name;
        // A folder is an entry without an id.
        if (entry.id === null) yield* listFolder(path);
        else yield { key: path, createdAt: new Date(entry.created_at ?? Date.now()) };
      }
      if (data.length < PAGE) return;
    }
  }
}

/** Like fetch, but gives up when no answer begins in time. A body that has begun may take longer. */
async function fetchInTime(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_TIMEOUT_MS);
  try {
    return await fetch(input, {
      ...init,
      signal: init?.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal,
    });
  } finally {
    clearTimeout(timer);
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
    return new GantryError('STORAGE_KEY_TAKEN', 'This file was stored before.', { cause: error });
  }
  if (said.has('404') && missing === 'STORAGE_OBJECT_MISSING') {
    return new GantryError(missing, 'The file is gone; it may have expired.', { cause: error });
  }
  if (said.has('413')) {
    return new GantryError('FILE_TOO_LARGE', 'The file is larger than the storage takes.', { cause: error });
  }
  return new GantryError(
    'STORAGE_UNAVAILABLE',
    'File storage does not answer at the moment. Please try again later.',
    { cause: error },
  );
}
