import type { NumberStyle } from './read-styles.ts';

const DAY_MS = 86_400_000;
/** The last day that Excel knows: 31 December 9999. */
const LAST_DAY = 2_958_465;

/** The text of a number as a person sees it: dates as `2026-03-01`, times as `10:30:00`, and no rounding errors. */
export function numberText(stored: string, style: NumberStyle, isFrom1904: boolean): string {
  const number = Number(stored);
  if (stored.trim() === '' || !Number.isFinite(number)) return stored;
  if (typeof style === 'object') return plainNumber(stored, number).padStart(style.minDigits, '0');
  const days = isFrom1904 ? number + 1462 : number;
  if (style === 'plain' || number < 0 || days >= LAST_DAY + 1) return plainNumber(stored, number);
  const seconds = Math.round((days % 1) * 86_400);
  const time = new Date(seconds * 1000).toISOString().slice(11, 19);
  if (style === 'time' || number < 1) return time;
  const date = dateText(Math.floor(days) + Math.floor(seconds / 86_400));
  return style === 'date-time' || seconds % 86_400 !== 0 ? `${date} ${time}` : date;
}

/** The text of a date that is stored as one, in ISO 8601. */
export function isoDateText(stored: string): string {
  return stored
    .replace(/Z$/, '')
    .replace(/T00:00:00(?:\.0+)?$/, '')
    .replace('T', ' ')
    .replace(/\.\d+$/, '');
}

/** Characters that XML cannot hold are written as `_x000D_` (ECMA-376, part 1, 22.9.2.19). */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(/_x([0-9a-f]{4})_/gi, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

/** Long digits stay what they are. Others have at most 15 that mean something, and are not shown with an exponent. */
function plainNumber(stored: string, number: number): string {
  if (/^-?\d+$/.test(stored)) return stored;
  if (Number.isSafeInteger(number)) return String(number);
  return String(Number(number.toPrecision(15)));
}

/** Excel counts from 1 January 1900, with a 29 February that this year did not have as its 60th day. */
function dateText(day: number): string {
  if (day === 60) return '1900-02-29';
  const epoch = Date.UTC(1899, 11, day < 60 ? 31 : 30);
  return new Date(epoch + day * DAY_MS).toISOString().slice(0, 10);
}
