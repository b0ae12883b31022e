import { Unzip, UnzipInflate, UnzipPassThrough } from 'fflate';
import { readSheet as readWorkbook } from 'read-excel-file/universal';

import { unsupported } from './decode-text.ts';
import type { Grid } from './grid.ts';
import { SheetError } from './sheet-error.ts';

const MAX_INFLATED_BYTES = 100_000_000;
const MAX_RATIO = 100;
const MAX_ENTRIES = 1_000;

/** Reads the first sheet of a workbook. Formulas are not evaluated: what counts is the value stored with them. */
export async function readXlsx(bytes: Uint8Array): Promise<Grid> {
  checkZip(bytes);
  try {
    const rows = await readWorkbook(new Uint8Array(bytes).buffer, { dateFormat: 'yyyy-mm-dd' });
    return rows.map((row, index) => ({ line: index + 1, cells: row.map(toText) }));
  } catch (cause) {
    throw broken({ cause });
  }
}

/**
 * Walks through the archive and counts what really comes out, whatever its directory claims, before anything else is
 * done with it.
 */
function checkZip(bytes: Uint8Array): void {
  const names = new Set<string>();
  let inflated = 0;
  const unzip = new Unzip((file) => {
    if (names.has(file.name)) throw broken();
    names.add(file.name);
    if (names.size > MAX_ENTRIES) throw tooLarge();
    file.ondata = (error, chunk) => {
      if (error) throw error;
      inflated += chunk.length;
      if (inflated > MAX_INFLATED_BYTES || (inflated > 1_000_000 && inflated > bytes.length * MAX_RATIO))
        throw tooLarge();
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  unzip.register(UnzipPassThrough);
  try {
    // In pieces: what a piece inflates to is counted before the next is looked at.
    for (let start = 0; start < bytes.length; start += 65_536) {
      unzip.push(bytes.subarray(start, start + 65_536), start + 65_536 >= bytes.length);
    }
  } catch (cause) {
    throw cause instanceof SheetError ? cause : broken({ cause });
  }
  if (!names.has('xl/workbook.xml')) {
    throw unsupported(
      'The file is a zip archive, not an Excel workbook. Unpack it and submit the sheet in it.',
    );
  }
  if (names.has('xl/vbaProject.bin')) {
    throw unsupported('The workbook contains macros. Save it as a workbook without macros (.xlsx).');
  }
  if (countInDirectory(bytes) !== names.size) throw broken();
}

/** The number of entries in the end-of-central-directory record (APPNOTE.TXT 4.3.16). */
function countInDirectory(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 65_557); at--) {
    if (view.getUint32(at, true) === 0x06_05_4b_50) return view.getUint16(at + 10, true);
  }
  return -1;
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '');
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return String(value);
  return '';
}

function broken(options?: ErrorOptions): SheetError {
  return new SheetError(
    'FILE_MALFORMED',
    'The workbook is damaged or protected. Open it in Excel, save it again without a password, and submit that.',
    {},
    options,
  );
}

function tooLarge(): SheetError {
  return new SheetError(
    'FILE_TOO_LARGE',
    'The workbook is too large when it is unpacked. Split it and submit the parts.',
  );
}
