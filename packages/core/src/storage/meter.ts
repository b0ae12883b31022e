import { createHash } from 'node:crypto';

import { GantryError } from '../errors.ts';
import type { StorageBody } from './storage.ts';

/** Counts and hashes bytes as they pass, and stops them at a limit. */
export class Meter {
  size = 0;
  readonly #hash = createHash('sha256');
  readonly #maxBytes: number;

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
  }

  /** Passes a body through. @throws {GantryError} FILE_TOO_LARGE at the first byte too many */
  async *pass(body: StorageBody): AsyncGenerator<Uint8Array> {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      this.size += chunk.length;
      if (this.size > this.#maxBytes) {
        throw new GantryError(
          'FILE_TOO_LARGE',
          `The file is larger than ${describeBytes(this.#maxBytes)}. Split it and submit the parts.`,
        );
      }
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  /** What has passed. Call once, at the end. */
  result(): { size: number; sha256: string } {
    return { size: this.size, sha256: this.#hash.digest('hex') };
  }
}

function describeBytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${Math.floor(bytes / 1_000_000)} MB` : `${bytes} bytes`;
}
