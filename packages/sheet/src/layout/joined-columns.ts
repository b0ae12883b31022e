import type { GridRow } from '../grid.ts';
import { trimInvisible } from '../values/clean-text.ts';
import { checkContainerNumber } from '../values/container-number.ts';

/** How far a prefix and its number may be apart. */
const MAX_DISTANCE = 10;
const MAX_BEGINNINGS = 5;
const SAMPLE = 200;

/**
 * Finds container numbers that are split over columns: the owner's prefix in one, the number in another, its check digit
 * with it or in a third; or all but the check digit in one.
 *
 * @returns each way to join columns that gives valid numbers, as positions, and the columns that hold beginnings of numbers
 */
export function findSplitNumbers(rows: readonly GridRow[]): { joins: number[][]; beginnings: number[] } {
  const beginnings = positionsOf(rows, isBeginning);
  const joins = beginnings.flatMap((prefix) => {
    const sample = rows.filter(({ cells }) => isBeginning(cells[prefix] ?? '')).slice(0, SAMPLE);
    const others = Array.from({ length: MAX_DISTANCE }, (_, distance) => [
      prefix + distance + 1,
      prefix - distance - 1,
    ]);
    return others
      .flat()
      .filter((at) => at >= 0)
      .flatMap((number) => [
        [prefix, number],
        [prefix, number, number + 1],
      ])
      .filter((positions) => {
        const valid = sample.filter(
          ({ cells }) => checkContainerNumber(joinCells(cells, positions)).ok,
        ).length;
        return valid > 0 && valid * 2 >= sample.length;
      });
  });
  return {
    joins: joins.filter((join) => join.length === 2 || !joins.some((other) => isPart(other, join))),
    beginnings,
  };
}

/** The text of cells that together are one value. Numbers lose their leading zeros in a sheet: they are put back. */
export function joinCells(cells: readonly string[], positions: readonly number[]): string {
  const [first = '', ...rest] = positions.map((position) => trimInvisible(cells[position] ?? ''));
  if (rest.length === 0) return first;
  const digits = rest.map((part) => part.replaceAll(/[\s,.-]/g, ''));
  const [serial = '', checkDigit] = digits;
  if (/\d$/.test(first)) return first + digits.join('');
  if (checkDigit === undefined) return first + (serial === '' ? '' : serial.padStart(7, '0'));
  return first + serial.padStart(6, '0') + checkDigit;
}

function positionsOf(rows: readonly GridRow[], test: (cell: string) => boolean): number[] {
  const counts = new Map<number, number>();
  for (const { cells } of rows) {
    for (const [position, cell] of cells.entries()) {
      if (test(cell)) counts.set(position, (counts.get(position) ?? 0) + 1);
    }
  }
  const most = Math.max(0, ...counts.values());
  return [...counts]
    .filter(([, count]) => count * 2 >= most)
    .map(([position]) => position)
    .slice(0, MAX_BEGINNINGS);
}

/** Whether a cell is an owner's prefix, with or without the six digits of the number. */
export function isBeginning(cell: string): boolean {
  return /^\s*[A-Z]{3}[UJZ](?:[\s-]{0,2}\d{6})?\s*$/i.test(cell.slice(0, 20));
}

/** Two columns that already are the whole number need no third. */
function isPart(two: number[], three: number[]): boolean {
  return two.length === 2 && two.every((position, at) => position === three[at]);
}
