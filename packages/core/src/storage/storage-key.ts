import { randomUUID } from 'node:crypto';

const KEY = /^[a-z0-9-]+(?:\/[a-z0-9-]+){1,4}$/;

/** A new key for an uploaded file. The name of the file is in the database only. */
export function newUploadKey(): string {
  return `uploads/${randomUUID()}`;
}

/** A new key for a file that an attempt makes: an attempt that lost its lease writes beside, never over. */
export function newArtifactKey(o: { jobId: string; attempt: number; artifactId: string }): string {
  return `jobs/${o.jobId}/${o.attempt}/${o.artifactId}`;
}

/** Refuses every key that Gantry would not make, so that no path leads elsewhere. */
export function checkKey(key: string): string {
  if (!KEY.test(key)) throw new TypeError('This is no storage key.');
  return key;
}
