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
 * The columns that hold valid values, best first: by their headers, then by how many values they hold, then from left
 * to right. Half of a column's cells must be valid; a quarter is enough under one of the wanted names, and formulas whose
 * values are missing count there.
 */
export function rankColumns(
  rows: readonly GridRow[],
  columns: readonly ColumnContent[],
  spec: ColumnSpec,
): RankedColumn[] {
  const names = namesOf(spec);
  const ranked = columns
    .toSorted((a, b) => b.valid + b.unstored - a.valid - a.unstored || a.position - b.position)
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
    .filter(({ rating, valid, unstored, filled }) =>
      rating === 3 ? (valid + unstored) * 4 >= filled : valid > 0 && valid * 2 >= filled - unstored,
    );
  const most = Math.max(0, ...ranked.map(({ valid, unstored }) => valid + unstored));
  return ranked
    .filter(({ valid, unstored }) => (valid + unstored) * 10 >= most)
    .toSorted((a, b) => b.rating - a.rating || b.valid - a.valid || a.position - b.position);
}

/** Mistyped values above the first valid one are values too. */
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
