import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';

/** An entry of an archive, as the directory at its end describes it. */
export type ZipEntry = {
  /** With `/` between folders, whatever the archive uses, and without one at the beginning. */
  name: string;
  isEncrypted: boolean;
  /** 0: stored, 8: deflated. */
  method: number;
  crc: number;
  packed: Uint8Array;
};

const END = 0x06_05_4b_50;
const END_64 = 0x06_06_4b_50;
const END_64_LOCATOR = 0x07_06_4b_50;
const ENTRY = 0x02_01_4b_50;
const LOCAL_HEADER = 0x04_03_4b_50;
const SEE_ZIP64 = 0xff_ff_ff_ff;

/**
 * Reads the directory of a zip archive, zip64 or not (APPNOTE.TXT, section 4.3). Nothing is unpacked, and no size that an
 * entry claims to have when it is unpacked is believed.
 *
 * @returns the entries by their names in lower case
 * @throws {SheetError} FILE_TOO_LARGE, FILE_MALFORMED
 */
export function readDirectory(bytes: Uint8Array): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  try {
    for (const entry of listEntries(bytes)) {
      const key = entry.name.toLowerCase();
      // Programs differ in which of two they read, and in whether case matters.
      if (entries.has(key)) throw damaged();
      entries.set(key, entry);
    }
  } catch (cause) {
    // What DataView throws for an offset outside the file.
    throw cause instanceof RangeError ? damaged({ cause }) : cause;
  }
  return entries;
}

/** The error for an archive or a document in it that breaks its format. */
export function damaged(options?: ErrorOptions): SheetError {
  return new SheetError(
    'FILE_MALFORMED',
    'The workbook is damaged. Open it in Excel, save it again, and submit that.',
    {},
    options,
  );
}

function* listEntries(bytes: Uint8Array): Generator<ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, end } = findDirectory(view);
  if (count > LIMITS.zipEntries) {
    throw new SheetError(
      'FILE_TOO_LARGE',
      `The workbook has more than ${LIMITS.zipEntries.toLocaleString('en')} parts. Copy the list to a workbook of its own.`,
    );
  }
  let at = start;
  for (let number = 0; number < count; number++) {
    if (view.getUint32(at, true) !== ENTRY) throw damaged();
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const { packedSize, header } = readPlace(view, at, at + 46 + nameLength, extraLength);
    if (view.getUint32(header, true) !== LOCAL_HEADER) throw damaged();
    const data = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (data + packedSize > end) throw damaged();
    yield {
      name: name.replaceAll('\\', '/').replace(/^\/+/, ''),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: bytes.subarray(data, data + packedSize),
    };
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
}

/** How long an entry is and where it begins: in its zip64 field, where the 32 bits of the directory are not enough. */
function readPlace(view: DataView, entry: number, extra: number, extraLength: number) {
  const size = view.getUint32(entry + 24, true);
  let packedSize = view.getUint32(entry + 20, true);
  let header = view.getUint32(entry + 42, true);
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    if (size === SEE_ZIP64) field += 8;
    if (packedSize === SEE_ZIP64) {
      packedSize = Number(view.getBigUint64(field, true));
      field += 8;
    }
    if (header === SEE_ZIP64) header = Number(view.getBigUint64(field, true));
    break;
  }
  return { packedSize, header };
}

/** The record at the end of an archive; only its comment, or what a mail server appended, may follow. */
function findDirectory(view: DataView): { count: number; start: number; end: number } {
  let end = view.byteLength - 22;
  while (view.getUint32(end, true) !== END) {
    if (end === 0 || end < view.byteLength - 65_557) throw damaged();
    end -= 1;
  }
  const locator = end - 20;
  if (locator >= 0 && view.getUint32(locator, true) === END_64_LOCATOR) {
    const record = Number(view.getBigUint64(locator + 8, true));
    if (view.getUint32(record, true) !== END_64) throw damaged();
    return {
      count: Number(view.getBigUint64(record + 32, true)),
      start: Number(view.getBigUint64(record + 48, true)),
      end,
    };
  }
  return { count: view.getUint16(end + 10, true), start: view.getUint32(end + 16, true), end };
}
