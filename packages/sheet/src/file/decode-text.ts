import { unsupported } from './unsupported.ts';

/** Of this many bytes at the start, it is counted how many are zero. */
const SAMPLE = 4_096;

/**
 * Decodes text by its byte order mark; without one as UTF-16 if every other byte is mostly zero, else as UTF-8, else as
 * Windows-1252.
 *
 * @throws {SheetError} FILE_TYPE_UNSUPPORTED for what is not text
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (text.includes('\0')) {
    throw unsupported('not text', 'Save the list as CSV or as an Excel workbook (.xlsx).');
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  const utf16 = utf16Of(bytes);
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Digits, delimiters and line ends have a zero byte in UTF-16, in whatever language the rest is. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, SAMPLE);
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
