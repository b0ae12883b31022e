import { randomUUID } from 'node:crypto';
import { validateHeaderValue } from 'node:http';

import { type AttemptRef, addArtifact, GantryError, newArtifactKey } from '@gantry/core';
import type { WorkerDeps } from '../worker-deps.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';

const MAX_BYTES = 50_000_000;

/** A file that an attempt made. */
export type NewFile = { name: string; contentType: string; body: Uint8Array; rowIndex?: number };

/**
 * Stores a file of an attempt, bytes first, so that a row never names a file that is not there. Waits for a database
 * or storage that is away until `lease` is aborted.
 *
 * @throws {GantryError} STORAGE_QUOTA_EXCEEDED, FILE_TOO_LARGE, LEASE_LOST, VALUE_INVALID when the attempt has another file of this name
 * @throws {TypeError} if it could not be downloaded, since its content type is not valid in a header
 */
export async function keepArtifact(
  { pool, storage, maxStorageBytes }: Pick<WorkerDeps, 'pool' | 'storage'> & { maxStorageBytes?: number },
  { jobId, attempt }: AttemptRef,
  file: NewFile,
  lease: AbortSignal,
): Promise<void> {
  validateHeaderValue('content-type', file.contentType);
  const id = randomUUID();
  const stored = await retryWhileUnavailable(lease, async () => {
    // A new key each time: of a try whose answer was lost the object may exist, and no key is written twice.
    const storageKey = newArtifactKey({ jobId, attempt, artifactId: randomUUID() });
    const { contentType } = file;
    return {
      storageKey,
      ...(await storage.put(storageKey, file.body, { contentType, maxBytes: MAX_BYTES })),
    };
  });
  const { name, contentType, rowIndex = null } = file;
  // Of a try that got no answer the row may be there, and then it names the object: whatever is said afterwards.
  let mayBeWritten = false;
  try {
    await retryWhileUnavailable(lease, async () => {
      try {
        await addArtifact(
          pool,
          { id, jobId, attempt, name, contentType, rowIndex, ...stored },
          maxStorageBytes,
        );
      } catch (error) {
        mayBeWritten ||= !isRefusal(error);
        throw error;
      }
    });
  } catch (error) {
    // Surely not written: the object would only wait for the sweep.
    if (!mayBeWritten) await storage.delete([stored.storageKey]).catch(() => {});
    throw error;
  }
}

/** Whether the database has said no. */
function isRefusal(error: unknown): boolean {
  return error instanceof GantryError && error.code !== 'DATABASE_UNAVAILABLE';
}
