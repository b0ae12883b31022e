import { randomUUID } from 'node:crypto';

import { type AttemptRef, addArtifact, newArtifactKey } from '@gantry/core';

import type { WorkerDeps } from './worker-deps.ts';

const LARGEST = 50_000_000;

/** Stores a file of an attempt, bytes first, so that a row never names a file that is not there. @throws {LeaseLostError} */
export async function keepArtifact(
  { pool, storage }: WorkerDeps,
  { jobId, attempt }: AttemptRef,
  file: { name: string; contentType: string; body: Uint8Array; rowIndex?: number },
): Promise<void> {
  const id = randomUUID();
  const storageKey = newArtifactKey({ jobId, attempt, artifactId: id });
  const stored = await storage.put(storageKey, file.body, {
    contentType: file.contentType,
    maxBytes: LARGEST,
  });
  try {
    await addArtifact(pool, {
      id,
      jobId,
      attempt,
      name: file.name,
      contentType: file.contentType,
      storageKey,
      rowIndex: file.rowIndex ?? null,
      ...stored,
    });
  } catch (error) {
    await storage.delete([storageKey]).catch(() => {});
    throw error;
  }
}
