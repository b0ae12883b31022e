import type { GridRow } from '../grid.ts';
import type { ColumnContent } from './count-values.ts';
import { groupAt, headerAt } from './find-header.ts';
import { rateHeader, simplify } from './header-names.ts';
import { isInPast, isMostlyValues, type RankedColumn } from './rank-columns.ts';

/**
 * The other columns of a list that is laid out in several: those with the same header, numbered or not, and where there is
 * no header, as for values in a row, all that hold values.
 */
export function findListsBeside(
  rows: readonly GridRow[],
  columns: readonly ColumnContent[],
  { best, names, hidden }: { best: RankedColumn; names: ReadonlySet<string>; hidden: ReadonlySet<number> },
): ColumnContent[] {
  const { index, firstDataRow } = best.header;
  const nameAt = (position: number) =>
    index === null ? '' : simplify(headerAt(rows, index, position)).replace(/\d{1,2}$/, '');
  const isBeside = ({ position }: ColumnContent) =>
    index === null ||
    (nameAt(position) === nameAt(best.position) &&
      rateHeader(headerAt(rows, index, position), groupAt(rows, index, position), names) === best.rating &&
      isInPast(rows, index, position) === best.isPast);
  return columns.filter(
    (column) =>
      column.position !== best.position &&
      hidden.has(column.position) === hidden.has(best.position) &&
      column.first >= firstDataRow &&
      isMostlyValues(column) &&
      isBeside(column),
  );
}
