import { Inflate } from 'fflate';

import { crc32 } from './crc-32.ts';
import { SheetError } from './sheet-error.ts';

/** Thousands of rows take some millions. Reading more than this would hold up everybody else on the server. */
const MAX_INFLATED_BYTES = 50_000_000;
/** Small archives may inflate further: a few rows of the same text pack very well. */
const MAX_RATIO = 100;
const MIN_SUSPICIOUS_BYTES = 1_000_000;
const MAX_ENTRIES = 1_000;
const PIECE = 16_384;

type Entry = { name: string; flags: number; method: number; crc: number; packed: Uint8Array };

/**
 * Unpacks an archive in memory. What its directory claims is never trusted: what comes out is counted while it does,
 * and must have the checksum that it should have (APPNOTE.TXT, sections 4.3 and 4.4).
 *
 * @throws {SheetError} FILE_TOO_LARGE, FILE_MALFORMED
 */
export function openZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  const names = new Set<string>();
  const most = Math.min(MAX_INFLATED_BYTES, Math.max(MIN_SUSPICIOUS_BYTES, bytes.length * MAX_RATIO));
  let total = 0;
  for (const entry of readDirectory(bytes)) {
    // Programs differ in which of two they read, and in whether case matters.
    if (names.has(entry.name.toLowerCase())) throw damaged();
    names.add(entry.name.toLowerCase());
    const content = inflate(entry, most - total);
    total += content.length;
    if (crc32(content) !== entry.crc) throw damaged();
    entries.set(entry.name, content);
  }
  return entries;
}

/** The refusal of a file that cannot be opened as what it is. */
export function damaged(options?: ErrorOptions): SheetError {
  return new SheetError(
    'FILE_MALFORMED',
    'The workbook is damaged or protected. Open it in Excel, save it again without a password, and submit that.',
    {},
    options,
  );
}

function inflate({ flags, method, packed }: Entry, most: number): Uint8Array {
  const isEncrypted = (flags & 1) === 1;
  if (isEncrypted || (method !== 0 && method !== 8)) throw damaged();
  if (method === 0) {
    if (packed.length > most) throw tooLarge();
    return packed;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Inflate((chunk) => {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  });
  try {
    // In pieces: what one inflates to is counted before the next is looked at.
    for (let start = 0; start < packed.length; start += PIECE) {
      stream.push(packed.subarray(start, start + PIECE), start + PIECE >= packed.length);
    }
  } catch (cause) {
    throw cause instanceof SheetError ? cause : damaged({ cause });
  }
  const content = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}

function* readDirectory(bytes: Uint8Array): Generator<Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > MAX_ENTRIES) throw tooLarge();
  let at = view.getUint32(end + 16, true);
  for (let number = 0; number < count; number++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02_01_4b_50) throw damaged();
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const packedSize = view.getUint32(at + 20, true);
    const header = view.getUint32(at + 42, true);
    if (header + 30 > end || view.getUint32(header, true) !== 0x04_03_4b_50) throw damaged();
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (start + packedSize > end) throw damaged();
    yield {
      name,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: bytes.subarray(start, start + packedSize),
    };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** Where the record stands that ends an archive; only its comment may follow. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65_557); at--) {
    if (view.getUint32(at, true) === 0x06_05_4b_50) return at;
  }
  throw damaged();
}

function tooLarge(): SheetError {
  return new SheetError(
    'FILE_TOO_LARGE',
    'The workbook is too large when it is unpacked. Split it and submit the parts.',
  );
}
