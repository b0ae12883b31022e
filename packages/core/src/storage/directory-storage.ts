import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, opendir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

import { GantryError } from '../errors.ts';
import { Meter } from './meter.ts';
import type { Storage } from './storage.ts';
import { checkKey } from './storage-key.ts';

/** Keeps files in a directory that only this user may read. */
export function createDirectoryStorage(o: { directory: string }): Storage {
  const root = resolve(o.directory);
  const pathOf = (key: string) => join(root, checkKey(key));
  return {
    async put(key, body, { maxBytes }) {
      const path = pathOf(key);
      const meter = new Meter(maxBytes);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = join(root, `.draft-${randomBytes(8).toString('hex')}`);
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          for await (const chunk of meter.pass(body)) await file.write(chunk);
          await file.sync();
        } finally {
          await file.close();
        }
        // A link fails where a rename would overwrite.
        await link(draft, path);
      } catch (error) {
        throw toStorageError(error);
      } finally {
        await rm(draft, { force: true });
      }
      return meter.result();
    },

    async get(key) {
      const path = pathOf(key);
      await stat(path).catch((error: unknown) => {
        throw toStorageError(error);
      });
      return createReadStream(path);
    },

    async delete(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },

    async *list() {
      await mkdir(root, { recursive: true, mode: 0o700 });
      for await (const entry of await opendir(root, { recursive: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const status = await stat(path).catch(() => null);
        // A draft that a crash left goes when it is old; it has a name that no key can have.
        if (entry.name.startsWith('.draft-')) {
          if (status && Date.now() - status.mtimeMs > 24 * 3_600_000) await rm(path, { force: true });
        } else if (status) yield { key: relative(root, path).split(sep).join('/'), createdAt: status.mtime };
      }
    },
  };
}

function toStorageError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST')
    return new GantryError('STORAGE_KEY_TAKEN', 'This file was stored before.', { cause: error });
  if (code === 'ENOENT') {
    return new GantryError('STORAGE_OBJECT_MISSING', 'The file is gone; it may have expired.', {
      cause: error,
    });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EACCES') {
    return new GantryError(
      'STORAGE_UNAVAILABLE',
      'The file cannot be stored at the moment. Please try again later.',
      {
        cause: error,
      },
    );
  }
  return error;
}
