/// <reference path="./saxen.d.ts" />
import { Parser } from 'saxen';

import { MAX_COLUMNS } from './grid.ts';
import { damaged } from './open-zip.ts';
import { SheetError } from './sheet-error.ts';

/**
 * Checks where the cells of a worksheet say that they stand. A single cell that claims to be the last of the last row
 * would make a reader fill in the billions before it.
 *
 * @throws {SheetError} TOO_MANY_ROWS, FILE_MALFORMED
 */
export function checkCellReferences(xml: string, maxRows: number): void {
  const parser = new Parser();
  let cell: { row: number; column: number } | null = null;
  parser.on('error', (cause) => {
    throw damaged({ cause });
  });
  parser.on('openTag', (name, readAttributes, decodeEntities) => {
    const tag = withoutPrefix(name);
    if (tag !== 'c' && tag !== 'row') return;
    for (const [attribute, value] of Object.entries(readAttributes())) {
      if (withoutPrefix(attribute) !== 'r') continue;
      if (tag === 'c') cell = parseReference(decodeEntities(value));
      else if (!/^[1-9]\d{0,6}$/.test(decodeEntities(value))) throw damaged();
    }
  });
  parser.on('closeTag', (name) => {
    if (withoutPrefix(name) === 'c') cell = null;
  });
  // A cell without text is a mere format: whole columns have one.
  parser.on('text', (text) => {
    if (!cell || text.trim() === '') return;
    if (cell.row > maxRows) {
      throw new SheetError(
        'TOO_MANY_ROWS',
        `The workbook has data in row ${cell.row.toLocaleString('en')}, which is too many. Split it and submit the parts.`,
        { line: cell.row },
      );
    }
    if (cell.column > MAX_COLUMNS) {
      throw new SheetError(
        'FILE_MALFORMED',
        `Line ${cell.row} has more than ${MAX_COLUMNS.toLocaleString('en')} columns.`,
        { line: cell.row },
      );
    }
  });
  parser.parse(xml);
}

/** `BC12` is column 55 of row 12. */
function parseReference(reference: string): { row: number; column: number } {
  const [, letters = '', digits = ''] = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(reference) ?? [];
  if (letters === '') throw damaged();
  let column = 0;
  for (let at = 0; at < letters.length; at++) column = column * 26 + letters.charCodeAt(at) - 64;
  return { row: Number(digits), column };
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
