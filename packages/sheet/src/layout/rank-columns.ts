import type { ColumnSpec } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { looksLikeContainerNumber } from '../values/container-number.ts';
import type { ColumnContent } from './count-values.ts';
import { findHeader, groupAt, type Header, headerAt } from './find-header.ts';
import { namesOf, rateHeader } from './header-names.ts';

/** A column that may be the wanted one. */
export type RankedColumn = ColumnContent & { header: Header; rating: number };

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
      return { ...column, first, header, rating };
    })
    .filter((column) =>
      column.rating === 3
        ? valuesIn(column) * 4 >= column.filled
        : column.valid > 0 && (column.valid + column.mistyped) * 2 >= column.filled - column.unstored,
    );
  const most = Math.max(0, ...ranked.map(valuesIn));
  return ranked
    .filter((column) => valuesIn(column) * 10 >= most)
    .toSorted(
      (a, b) =>
        Number(hidden.has(a.position)) - Number(hidden.has(b.position)) ||
        b.rating - a.rating ||
        b.valid - a.valid ||
        a.position - b.position,
    );
}

/** How many values a column has: valid, mistyped and unknown ones. */
export function valuesIn({ valid, mistyped, unstored }: ColumnContent): number {
  return valid + mistyped + unstored;
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
