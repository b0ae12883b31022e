import { randomBytes } from 'node:crypto';
import { link, mkdir, open, opendir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

import { GantryError } from '../errors.ts';
import { DEFAULTS } from '../settings.ts';
import { Meter } from './meter.ts';
import type { Storage } from './storage.ts';
import { checkKey } from './storage-key.ts';

const DRAFT = '.draft-';
const NOT_WRITABLE = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EMFILE', 'ENFILE', 'EIO'];
/** Large enough to need blocks of its own: a full disk may still take a few bytes beside the name. */
const PROBE = Buffer.alloc(64 * 1024);

/** Keeps files in a directory that only this user may read. */
export function createDirectoryStorage(o: { directory: string }): Storage {
  const root = resolve(o.directory);
  const pathOf = (key: string) => join(root, checkKey(key));
  const removeEmpty = async (directory: string): Promise<void> => {
    // The two directories of all uploads and all jobs stay.
    if (dirname(directory) === root) return;
    try {
      await rmdir(directory);
    } catch {
      // Not empty, or gone already.
      return;
    }
    await removeEmpty(dirname(directory));
  };
  /** Writes a file under a name that no key can have, which is gone afterwards. */
  const writeDraft = async (
    body: Uint8Array | AsyncIterable<Uint8Array>,
    keep: (draft: string) => Promise<void>,
  ): Promise<void> => {
    const draft = join(root, `${DRAFT}${randomBytes(8).toString('hex')}`);
    try {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(body);
        await file.sync();
      } finally {
        await file.close();
      }
      await keep(draft);
    } catch (error) {
      throw toStorageError(error, 'STORAGE_UNAVAILABLE');
    } finally {
      await rm(draft, { force: true }).catch(() => {});
    }
  };
  return {
    async put(key, body, { maxBytes }) {
      const path = pathOf(key);
      const meter = new Meter(maxBytes);
      await writeDraft(meter.pass(body), (draft) => publish(draft, path));
      return meter.result();
    },

    async get(key) {
      const file = await open(pathOf(key), 'r').catch((error: unknown) => {
        throw toStorageError(error);
      });
      return file.createReadStream();
    },

    async delete(keys) {
      for (const key of keys) {
        const path = pathOf(key);
        await rm(path, { force: true });
        await removeEmpty(dirname(path));
      }
    },

    async *list() {
      await mkdir(root, { recursive: true, mode: 0o700 });
      for await (const path of walk(root)) {
        const status = await stat(path).catch(() => null);
        if (!status) continue;
        // A draft that a crash left goes when it is old; it has a name that no key can have.
        if (!basename(path).startsWith(DRAFT)) {
          yield { key: relative(root, path).split(sep).join('/'), createdAt: status.mtime };
        } else if (Date.now() - status.mtimeMs > DEFAULTS.orphanAgeMs) await rm(path, { force: true });
      }
    },

    check: () => writeDraft(PROBE, async () => {}),
  };
}

/** The files under a directory, while others add and delete. */
async function* walk(directory: string): AsyncGenerator<string> {
  const entries = await opendir(directory).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  for await (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Gives a finished draft its name, for good: a link fails where a rename would overwrite. */
async function publish(draft: string, path: string): Promise<void> {
  const directory = dirname(path);
  for (let attempt = 1; ; attempt++) {
    try {
      const firstMade = await mkdir(directory, { recursive: true, mode: 0o700 });
      await link(draft, path);
      // The names must survive a power cut as the bytes do: the database will say that the file is there.
      await syncDirectories(directory, firstMade ? dirname(firstMade) : directory);
      return;
    } catch (error) {
      // The directory was removed in between, together with its last other file.
      if (!isCode(error, 'ENOENT') || attempt === 100) throw error;
    }
  }
}

async function syncDirectories(from: string, to: string): Promise<void> {
  for (let directory = from; ; directory = dirname(directory)) {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (directory === to) return;
  }
}

/** @param missing what it means that something is not there: while a file is written, that its directory cannot be made */
function toStorageError(
  error: unknown,
  missing: 'STORAGE_OBJECT_MISSING' | 'STORAGE_UNAVAILABLE' = 'STORAGE_OBJECT_MISSING',
): unknown {
  if (isCode(error, 'EEXIST')) return new GantryError('STORAGE_KEY_TAKEN', undefined, { cause: error });
  if (isCode(error, 'ENOENT') && missing === 'STORAGE_OBJECT_MISSING') {
    return new GantryError('STORAGE_OBJECT_MISSING', undefined, { cause: error });
  }
  if (isCode(error, 'ENOENT', ...NOT_WRITABLE)) {
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

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}
