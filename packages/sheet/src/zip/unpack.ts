import { Inflate } from 'fflate';

import type { ReadingBudget } from '../reading-budget.ts';
import { SheetError } from '../sheet-error.ts';
import { crc32 } from './crc-32.ts';
import { damaged, type ZipEntry } from './read-directory.ts';

/** Bytes that are given to the inflater at a time; they become at most a thousand times as many. */
const PIECE = 16_384;

/**
 * Unpacks an entry piece by piece. The bytes are counted as they come out, and must have the checksum of the directory
 * when they end. A caller may stop early.
 *
 * @throws {SheetError} FILE_TOO_LARGE, FILE_MALFORMED
 */
export function* unpack(entry: ZipEntry, budget: ReadingBudget): Generator<Uint8Array> {
  let crc = 0;
  for (const chunk of contentOf(entry)) {
    budget.takeBytes(chunk.length);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (crc !== entry.crc) throw damaged();
}

function* contentOf({ isEncrypted, method, packed }: ZipEntry): Generator<Uint8Array> {
  if (isEncrypted) {
    throw new SheetError(
      'FILE_TYPE_UNSUPPORTED',
      'The archive is protected with a password. Save the workbook without one.',
    );
  }
  if (method !== 0 && method !== 8) throw damaged();
  const chunks: Uint8Array[] = [];
  const inflate = method === 8 ? new Inflate((chunk) => chunks.push(chunk)) : null;
  for (let start = 0; start < packed.length || start === 0; start += PIECE) {
    const piece = packed.subarray(start, start + PIECE);
    if (!inflate) {
      yield piece;
      continue;
    }
    try {
      inflate.push(piece, start + PIECE >= packed.length);
    } catch (cause) {
      throw damaged({ cause });
    }
    yield* chunks.splice(0);
  }
}
