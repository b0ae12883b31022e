import type { Grid, GridRow } from '../grid.ts';
import type { ReadingBudget } from '../reading-budget.ts';
import { splitRecords } from './split-records.ts';

/**
 * Reads CSV text. `line` counts records, as a spreadsheet does: a cell of several lines is in one row, a blank line
 * is a row.
 *
 * @throws {SheetError} FILE_MALFORMED, FILE_TOO_LARGE
 */
export function readCsv(
  text: string,
  o: { delimiter: string; maxRows: number; budget: ReadingBudget },
): Grid {
  const rows: GridRow[] = [];
  for (const { line, cells } of splitRecords(text, o.delimiter)) {
    if (rows.length === o.maxRows) return { rows, isCut: true, hidden: new Set() };
    o.budget.takeCells(cells.length);
    rows.push({ line, cells: cells.map(withoutFormulaQuotes), unstored: null });
  }
  return { rows, isCut: false, hidden: new Set() };
}

/** `="0012"` is how programs make Excel show a text as it is. */
function withoutFormulaQuotes(cell: string): string {
  const [, text] = /^\s*=\s*"((?:[^"]|"")*)"\s*$/.exec(cell) ?? [];
  return text === undefined ? cell : text.replaceAll('""', '"');
}
