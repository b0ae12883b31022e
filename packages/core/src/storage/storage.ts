import type { Readable } from 'node:stream';

/** Bytes on their way into storage. */
export type StorageBody = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * File storage. Keys are made by Gantry, never by users, and are never written twice: a worker that lost its
 * lease can only write to keys of its own attempt.
 */
export interface Storage {
  /**
   * Stores a file while counting and hashing it. Nothing is left if it fails.
   *
   * @throws {GantryError} FILE_TOO_LARGE beyond `maxBytes`, STORAGE_KEY_TAKEN, STORAGE_UNAVAILABLE
   */
  put(
    key: string,
    body: StorageBody,
    o: { contentType: string; maxBytes?: number },
  ): Promise<{ size: number; sha256: string }>;
  /** Opens a file. @throws {GantryError} STORAGE_OBJECT_MISSING, STORAGE_UNAVAILABLE */
  get(key: string): Promise<Readable>;
  /** Deletes files; one that is not there is no error. */
  delete(keys: string[]): Promise<void>;
  /** Lists every file. */
  list(): AsyncIterable<{ key: string; createdAt: Date }>;
  /** Finds out whether a file could be stored now. @throws {GantryError} STORAGE_UNAVAILABLE */
  check(): Promise<void>;
}
