import type { ColumnFormat } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { holdsValue } from '../layout/count-values.ts';
import { SheetError } from '../sheet-error.ts';

/**
 * Refuses a file in which a lone quotation mark at the beginning of a cell joins lines up to the next one. Excel shows that
 * as one cell with all their text: rows of the list would get lost in it unnoticed.
 *
 * @throws {SheetError} FILE_MALFORMED
 */
export function refuseSwallowedLines(
  rows: readonly GridRow[],
  delimiter: string,
  format: ColumnFormat,
): void {
  if (format === 'text') return;
  for (const { line, cells } of rows) {
    for (const cell of cells) {
      const [first = '', ...swallowed] = cell.split(/\r\n|\n|\r/);
      if (swallowed.length === 0 || holdsValue(first, format)) continue;
      const isRow = (text: string) =>
        text.includes(delimiter) && text.split(delimiter).some((part) => holdsValue(part, format));
      if (!swallowed.some(isRow)) continue;
      throw new SheetError(
        'FILE_MALFORMED',
        `A quotation mark that is opened in line ${line} is closed only in another line. Remove it, or save the sheet as an Excel workbook (.xlsx).`,
        { line },
      );
    }
  }
}
