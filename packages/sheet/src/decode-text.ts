import { SheetError } from './sheet-error.ts';

const BINARY_SIGNATURES: [string, string][] = [
  ['\x89PNG', 'a PNG picture'],
  ['GIF8', 'a GIF picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['%PDF', 'a PDF document'],
  ['\x7fELF', 'a program'],
  ['MZ\x90', 'a program'],
  ['\x1f\x8b', 'a gzip archive'],
  ['\xd0\xcf\x11\xe0', 'an old or password-protected Excel workbook'],
  ['PK\x03\x04', 'a zip archive'],
  ['PK\x05\x06', 'an empty zip archive'],
];

/** Tells what a file is that cannot be a sheet; null if it may be text. */
export function nameBinary(bytes: Uint8Array): string | null {
  const start = String.fromCodePoint(...bytes.subarray(0, 8));
  return BINARY_SIGNATURES.find(([signature]) => start.startsWith(signature))?.[1] ?? null;
}

/** Decodes text by its byte order mark, else as UTF-8, else as Windows-1252. @throws {SheetError} */
export function decodeText(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (text.includes('\0')) {
    throw unsupported('The file is not text. Save it as CSV or as an Excel workbook (.xlsx).');
  }
  if (/^\s*<(!doctype|html|\?xml|svg|script)/i.test(text.slice(0, 1000))) {
    throw unsupported('The file is a web page, not a sheet. Save it as CSV or as an Excel workbook (.xlsx).');
  }
  return text;
}

/** A refusal because of what the file is. */
export function unsupported(message: string): SheetError {
  return new SheetError('FILE_TYPE_UNSUPPORTED', message);
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
