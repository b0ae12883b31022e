import { unsupported } from './unsupported.ts';

/** Of this many bytes at the start, it is counted how many are zero. */
const SAMPLE = 4_096;

/**
 * Decodes text by its byte order mark, of UTF-32 too; without one as UTF-16 if every other byte is mostly zero, else as UTF-8, else as
 * Windows-1252.
 *
 * @throws {SheetError} FILE_TYPE_UNSUPPORTED for what is not text
 */
export function decodeText(bytes: Uint8Array): string {
  // Some programs fill a file up with zeros, as DOS did with Ctrl-Z.
  const text = withoutEnd(decode(bytes));
  if (text.includes('\0')) {
    throw unsupported('not text', 'Save the list as CSV or as an Excel workbook (.xlsx).');
  }
  return text;
}

/** Not a regular expression: one that looks for the end takes quadratic time. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\0') end -= 1;
  return text.slice(0, end);
}

function decode(bytes: Uint8Array): string {
  if (isUtf32(bytes)) return decodeUtf32(bytes);
  const utf16 = utf16Of(bytes);
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** By the byte order mark; a UTF-16 file does not begin with a zero character. */
function isUtf32(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 4).join();
  return bytes.length % 4 === 0 && (start === '255,254,0,0' || start === '0,0,254,255');
}

/** No decoder of the platform does. */
function decodeUtf32(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const characters: string[] = [];
  for (let at = 4; at < bytes.length; at += 4) {
    const code = view.getUint32(at, bytes[0] === 0xff);
    characters.push(code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\ufffd');
  }
  return characters.join('');
}

/** Digits, delimiters and line ends have a zero byte in UTF-16, in whatever language the rest is. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const sample = bytes.subarray(0, Math.min(end, SAMPLE));
  let even = 0;
  let odd = 0;
  for (let at = 0; at < sample.length; at++) {
    if (sample[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  const isFrequent = (count: number) => count * 5 >= sample.length / 2;
  if (isFrequent(odd) && even * 10 <= odd) return 'utf-16le';
  if (isFrequent(even) && odd * 10 <= even) return 'utf-16be';
  return null;
}
