import type { ColumnSpec } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { looksLikeContainerNumber } from '../values/container-number.ts';
import type { ColumnContent } from './count-values.ts';
import { filledCells, findHeader, groupAt, type Header, headerAt } from './find-header.ts';
import { namesOf, rateHeader, speaksOfPast } from './header-names.ts';

/** A column that may be the wanted one. */
export type RankedColumn = ColumnContent & {
  header: Header;
  rating: number;
  /** Whether it is in a group of columns whose heading speaks of the past. */
  isPast: boolean;
};

/** Columns with most values that are compared. */
const MAX_COMPARED = 20;

/**
 * The columns that hold valid values, best first: visible before hidden ones, by their headers, then by how many values they hold, then from left
 * to right. Half of a column's cells must be values, and one of them valid; under one of the wanted names a quarter is
 * enough, and mistyped values and formulas without a stored value will do.
 */
export function rankColumns(
  rows: readonly GridRow[],
  columns: readonly ColumnContent[],
  { spec, hidden }: { spec: ColumnSpec; hidden: ReadonlySet<number> },
): RankedColumn[] {
  const names = namesOf(spec);
  const ranked = columns
    .toSorted((a, b) => valuesIn(b) - valuesIn(a) || a.position - b.position)
    .slice(0, MAX_COMPARED)
    .map((column): RankedColumn => {
      const { position } = column;
      const first = firstRow(rows, column, spec);
      const header = findHeader(rows, { position, first }, names);
      const rating =
        header.index === null
          ? 1
          : rateHeader(headerAt(rows, header.index, position), groupAt(rows, header.index, position), names);
      return { ...column, first, header, rating, isPast: isInPast(rows, header.index, position) };
    })
    .filter((column) =>
      column.rating === 3 ? valuesIn(column) * 4 >= column.filled : isMostlyValues(column),
    );
  const most = Math.max(0, ...ranked.map(valuesIn));
  return ranked
    .filter((column) => valuesIn(column) * 10 >= most)
    .toSorted(
      (a, b) =>
        Number(hidden.has(a.position)) - Number(hidden.has(b.position)) ||
        b.rating - a.rating ||
        Number(a.isPast) - Number(b.isPast) ||
        b.valid - a.valid ||
        a.position - b.position,
    );
}

/** Whether a column is in a group whose heading speaks of the past. A title, which is alone in its line, heads no group. */
export function isInPast(rows: readonly GridRow[], index: number | null, position: number): boolean {
  return index !== null && filledCells(rows[index - 1]) > 1 && speaksOfPast(groupAt(rows, index, position));
}

/** How many values a column has: valid, mistyped and unknown ones. */
export function valuesIn({ valid, mistyped, unstored }: ColumnContent): number {
  return valid + mistyped + unstored;
}

/** Whether half of a column's cells are values, and one of them valid. */
export function isMostlyValues({ valid, mistyped, filled, unstored }: ColumnContent): boolean {
  return valid > 0 && (valid + mistyped) * 2 >= filled - unstored;
}

/** Mistyped values above the first one that was counted are values too. */
function firstRow(
  rows: readonly GridRow[],
  { position, first }: ColumnContent,
  { format }: ColumnSpec,
): number {
  if (format !== 'iso6346') return first;
  let index = first;
  while (index > 0 && looksLikeContainerNumber(rows[index - 1]?.cells[position] ?? '')) index -= 1;
  return index;
}
