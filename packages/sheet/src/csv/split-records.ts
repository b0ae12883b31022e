import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';
import { isBlank } from '../values/clean-text.ts';

/**
 * Splits CSV text into records, as Excel does, which no CSV parser follows: a quotation mark has a meaning at the
 * beginning of a cell only, and what comes after the closing one belongs to the cell. Records without text, and cells
 * without text at the end of a record, are left out.
 *
 * @param o.isTrial whether to leave out columns that are too many, for a delimiter that may be the wrong one
 * @throws {SheetError} FILE_MALFORMED for an open quotation mark, a cell that is too long, and too many columns
 */
export function* splitRecords(
  text: string,
  delimiter: string,
  { isTrial = false } = {},
): Generator<{ line: number; cells: string[] }> {
  const code = delimiter.charCodeAt(0).toString(16).padStart(4, '0');
  const plain = new RegExp(`[^\\r\\n\\u${code}]*`, 'y');
  let at = 0;
  for (let line = 1; at < text.length; line++) {
    const cells: string[] = [];
    for (let column = 0; ; column++) {
      let cell = '';
      if (text[at] === '"') [cell, at] = readQuoted(text, at, line);
      plain.lastIndex = at;
      cell += plain.exec(text)?.[0] ?? '';
      at = plain.lastIndex;
      if (cell.length > LIMITS.cellLength) throw tooLong(line);
      if (!isBlank(cell)) {
        if (column < LIMITS.columns) {
          while (cells.length < column) cells.push('');
          cells.push(cell);
        } else if (!isTrial) throw tooWide(line);
      }
      if (text[at] !== delimiter) break;
      at += 1;
    }
    if (cells.length > 0) yield { line, cells };
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
  }
}

/** The text between the quotation marks, and where the record continues after them. */
function readQuoted(text: string, opening: number, line: number): [string, number] {
  let cell = '';
  let start = opening + 1;
  for (;;) {
    const mark = text.indexOf('"', start);
    if (mark === -1) {
      throw new SheetError(
        'FILE_MALFORMED',
        `A quotation mark that is opened in line ${line} is never closed. Correct it, or save the sheet as an Excel workbook (.xlsx).`,
        { line },
      );
    }
    if (cell.length + mark - start > LIMITS.cellLength) throw tooLong(line);
    cell += text.slice(start, mark);
    if (text[mark + 1] !== '"') return [cell, mark + 1];
    cell += '"';
    start = mark + 2;
  }
}

/** The error for a cell that is too long. */
export function tooLong(line: number): SheetError {
  return new SheetError(
    'FILE_MALFORMED',
    `A cell in line ${line} is far too long. Look for a quotation mark that is not closed.`,
    { line },
  );
}

/** The error for data too far to the right. */
export function tooWide(line: number): SheetError {
  return new SheetError(
    'FILE_MALFORMED',
    `Line ${line} has more than ${LIMITS.columns.toLocaleString('en')} columns. Remove those that are not needed.`,
    { line },
  );
}
