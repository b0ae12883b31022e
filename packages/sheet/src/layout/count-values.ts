import type { ColumnFormat } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { checkValue } from '../values/check-value.ts';
import { looksLikeContainerNumber } from '../values/container-number.ts';
import { splitValues } from '../values/split-values.ts';

/** What is in a column of the file, from its first value on. */
export type ColumnContent = {
  position: number;
  /** Index of the first row with a value, mistyped or not, or with a formula that may have one. */
  first: number;
  /** Cells that could be values: where values have digits, those with digits. */
  filled: number;
  valid: number;
  mistyped: number;
  /** Formulas whose values are not in the file. */
  unstored: number;
};

/** Without these characters no value is valid: most cells need no closer look. */
const NEEDED: Record<Exclude<ColumnFormat, 'text'>, RegExp> = {
  iso6346: /(?:\p{Nd}\P{Nd}*){7}/u,
  url: /[:\uff1a]/,
};

type Finding = 'valid' | 'mistyped' | 'unstored' | 'other' | null;

/** Counts the values of each column that has one. */
export function countValues(rows: readonly GridRow[], format: ColumnFormat): ColumnContent[] {
  const columns = new Map<number, ColumnContent>();
  for (const [index, { cells, unstored }] of rows.entries()) {
    for (const [position, cell] of cells.entries()) {
      const finding = unstored?.has(position) ? 'unstored' : evaluateCell(cell, format);
      if (finding === null) continue;
      let column = columns.get(position);
      if (!column) {
        if (finding === 'other') continue;
        column = { position, first: index, filled: 0, valid: 0, mistyped: 0, unstored: 0 };
        columns.set(position, column);
      }
      column.filled += 1;
      if (finding !== 'other') column[finding] += 1;
    }
  }
  return [...columns.values()];
}

/** Null for a cell that says nothing: a blank one, or "TBA" among numbers. */
function evaluateCell(cell: string, format: ColumnFormat): Finding {
  if (cell === '') return null;
  if (holdsValue(cell, format)) return 'valid';
  if (format !== 'iso6346') return 'other';
  if (!/\p{Nd}/u.test(cell)) return null;
  return NEEDED.iso6346.test(cell) && looksLikeContainerNumber(cell) ? 'mistyped' : 'other';
}

/** Whether a cell is a valid value, or a list with one. */
export function holdsValue(cell: string, format: ColumnFormat): boolean {
  if (format === 'text') return cell !== '';
  if (!NEEDED[format].test(cell)) return false;
  return checkValue(cell, format).ok || splitValues(cell, format)[0] !== cell;
}
