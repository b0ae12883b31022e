import { LIMITS } from '../limits.ts';
import type { WorkbookPackage } from './workbook-package.ts';

/** How the number in a cell is shown: as it is, as a date or a time, or with leading zeros up to a width. */
export type NumberStyle = 'plain' | 'date' | 'time' | 'date-time' | { minDigits: number };

const MAX_STYLES = 100_000;

/** Built-in formats, by number (ECMA-376, part 1, 18.8.30), those of East Asian languages included. */
const BUILT_IN: [first: number, last: number, style: NumberStyle][] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date-time'],
  [27, 31, 'date'],
  [32, 35, 'time'],
  [36, 36, 'date'],
  [45, 47, 'time'],
  [50, 54, 'date'],
  [55, 56, 'time'],
  [57, 58, 'date'],
];

/** Reads how numbers are shown, by the number of a cell's style. @throws {SheetError} */
export function readStyles(workbook: WorkbookPackage, part: string): NumberStyle[] {
  const custom = new Map<string, NumberStyle>();
  const styles: NumberStyle[] = [];
  let isCellStyles = false;
  workbook.parse(part, {
    open: (name, attributes) => {
      if (name === 'numFmt' && custom.size < MAX_STYLES) {
        const { numFmtId = '', formatCode = '' } = attributes();
        custom.set(numFmtId, styleOf(formatCode.slice(0, LIMITS.headerLength)));
      }
      if (name === 'cellXfs') isCellStyles = true;
      if (name === 'xf' && isCellStyles && styles.length < MAX_STYLES) {
        const { numFmtId = '' } = attributes();
        styles.push(custom.get(numFmtId) ?? builtIn(Number(numFmtId)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return styles;
}

function builtIn(id: number): NumberStyle {
  return BUILT_IN.find(([first, last]) => id >= first && id <= last)?.[2] ?? 'plain';
}

/** What a format code shows: `dd/mm/yyyy` a date, `hh:mm` a time, `0000000` seven digits. */
function styleOf(formatCode: string): NumberStyle {
  // Quoted and escaped text, colours, conditions and languages are no codes; elapsed time in brackets is.
  const [codes = ''] = formatCode
    .replaceAll(/"[^"]*"|\\.|_.|\*./g, '')
    .replaceAll(/\[(?!h+\]|m+\]|s+\])[^[\]]*\]/gi, '')
    .split(';');
  if (/^0+$/.test(codes)) return { minDigits: codes.length };
  if (/general/i.test(codes)) return 'plain';
  const hasTime = /[hs]|am\/pm/i.test(codes);
  const hasDate = /[ydebg]/i.test(codes) || (!hasTime && /m/i.test(codes));
  if (hasDate) return hasTime ? 'date-time' : 'date';
  return hasTime ? 'time' : 'plain';
}
