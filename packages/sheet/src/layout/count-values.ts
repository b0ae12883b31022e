import type { ColumnFormat } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { checkValue } from '../values/check-value.ts';
import { splitValues } from '../values/split-values.ts';

/** What is in a column of the file, from its first valid value on. */
export type ColumnContent = {
  position: number;
  /** Index of the first row with a valid value, or with a formula that may have one. */
  first: number;
  filled: number;
  valid: number;
  /** Formulas whose values are not in the file. */
  unstored: number;
};

/** Without these characters no value is valid: most cells need no closer look. */
const NEEDED: Record<Exclude<ColumnFormat, 'text'>, RegExp> = {
  iso6346: /(?:\p{Nd}\P{Nd}*){7}/u,
  url: /[:\uff1a]/,
};

/** Counts the valid values of each column that has one. */
export function countValues(rows: readonly GridRow[], format: ColumnFormat): ColumnContent[] {
  const columns = new Map<number, ColumnContent>();
  for (const [index, { cells, unstored }] of rows.entries()) {
    for (const [position, cell] of cells.entries()) {
      const isUnstored = unstored?.has(position) ?? false;
      if (cell === '' && !isUnstored) continue;
      const isValid = !isUnstored && holdsValue(cell, format);
      let column = columns.get(position);
      if (!column) {
        if (!isValid && !isUnstored) continue;
        columns.set(position, (column = { position, first: index, filled: 0, valid: 0, unstored: 0 }));
      }
      column.filled += 1;
      if (isValid) column.valid += 1;
      if (isUnstored) column.unstored += 1;
    }
  }
  return [...columns.values()];
}

/** Whether a cell is a valid value, or a list with one. */
export function holdsValue(cell: string, format: ColumnFormat): boolean {
  if (format === 'text') return cell !== '';
  if (!NEEDED[format].test(cell)) return false;
  return checkValue(cell, format).ok || splitValues(cell, format).length > 1;
}
