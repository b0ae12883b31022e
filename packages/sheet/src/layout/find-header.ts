import type { GridRow } from '../grid.ts';
import { looksLikeContainerNumber } from '../values/container-number.ts';
import { isName, simplify } from './header-names.ts';

/** The lines above the values of a column: the one with the names of the columns, and where the data begin. */
export type Header = { index: number | null; firstDataRow: number };

/** What people write for a value that they do not have yet. */
const PLACEHOLDER = /^\s*(?:tb[acdn]|t\.b\.[acdn]\.|n\/?a|#n\/a|nil|none|pending|unknown|-+|\?+)\s*$/i;
/** Rows that are looked at to learn what data look like. */
const SAMPLE = 50;

/**
 * Finds the header above a column's first value: the nearest line with one of the wanted names, else the nearest line
 * that does not look like the data. Title lines above it are not considered.
 *
 * @param first index of the row with the column's first value
 */
export function findHeader(
  rows: readonly GridRow[],
  { position, first }: { position: number; first: number },
  names: ReadonlySet<string>,
): Header {
  const data = describeData(rows.slice(first, first + SAMPLE), position);
  for (let index = first - 1; index >= 0; index--) {
    if (!isName(cellAt(rows, index, position), groupAt(rows, index, position), names)) continue;
    let below = index + 1;
    const isBelow = () => below < first && !looksLikeData(rows[below], position, data);
    // More header lines: with units, say, below names that are merged over all of them, or with the names in groups.
    while (isBelow() && cellAt(rows, below, position) === '') below += 1;
    if (!isBelow() || below > index + 1) return { index, firstDataRow: below };
    return isInGroup(rows, below, position)
      ? { index: below, firstDataRow: below + 1 }
      : { index, firstDataRow: below };
  }
  let index = first - 1;
  while (
    index >= 0 &&
    (looksLikeData(rows[index], position, data) || isMeantAsValue(cellAt(rows, index, position)))
  )
    index -= 1;
  const isTitle = data.width > 1 && filledCells(rows[index]) * 2 <= data.width;
  return { index: index < 0 || isTitle ? null : index, firstDataRow: index + 1 };
}

/** The name that a column has in a line; where that is merged with the line above, the name there. */
export function headerAt(rows: readonly GridRow[], index: number, position: number): string {
  const own = cellAt(rows, index, position);
  return own === '' && filledCells(rows[index - 1]) > 1 ? cellAt(rows, index - 1, position) : own;
}

/** The headings of groups of columns above a line: each is in the first column of its group. */
export function groupsAbove(rows: readonly GridRow[], index: number): string[] {
  let group = '';
  return (rows[index - 1]?.cells ?? []).map((cell) => {
    if (cell !== '') group = cell;
    return group;
  });
}

/** The heading of a column's group, in the line above. */
export function groupAt(rows: readonly GridRow[], index: number, position: number): string {
  const groups = groupsAbove(rows, index);
  return groups[position] ?? groups.at(-1) ?? '';
}

/** How many cells of a row have text. */
export function filledCells(row: GridRow | undefined): number {
  return row?.cells.filter((cell) => cell !== '').length ?? 0;
}

/** What the rows of a list have in common. */
type DataDescription = {
  /** Cells with text, in most rows. */
  width: number;
  /** Columns whose cells mostly have digits. */
  numeric: number[];
  /** Texts that occur, with their column. */
  texts: ReadonlySet<string>;
};

function describeData(rows: readonly GridRow[], position: number): DataDescription {
  const texts = new Set<string>();
  const digits = new Map<number, number>();
  for (const { cells } of rows) {
    for (const [at, cell] of cells.entries()) {
      if (at === position || cell === '') continue;
      texts.add(`${at} ${simplify(cell)}`);
      if (/\p{Nd}/u.test(cell)) digits.set(at, (digits.get(at) ?? 0) + 1);
    }
  }
  const numeric = [...digits].filter(([, count]) => count * 2 >= rows.length).map(([at]) => at);
  return { width: medianWidth(rows), numeric, texts };
}

/** The number of cells with text that half of the rows have at least. */
export function medianWidth(rows: readonly GridRow[]): number {
  const widths = rows.map(filledCells).toSorted((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 0;
}

function looksLikeData(row: GridRow | undefined, position: number, data: DataDescription): boolean {
  const cells = row?.cells ?? [];
  if (cells.some((cell, at) => at !== position && cell !== '' && data.texts.has(`${at} ${simplify(cell)}`)))
    return true;
  const numbers = data.numeric.filter((at) => /\p{Nd}/u.test(cells[at] ?? '')).length;
  return numbers > 0 && numbers * 2 >= data.numeric.length;
}

/** Whether a line names the columns of the group that begins above at a position. */
function isInGroup(rows: readonly GridRow[], index: number, position: number): boolean {
  const isGroup = cellAt(rows, index - 1, position + 1) === '' && cellAt(rows, index, position + 1) !== '';
  return isGroup && !(rows[index]?.cells.some((cell) => /\p{Nd}/u.test(cell)) ?? false);
}

/** Whether a text is a value that is wrong or still to come, and therefore no header. */
function isMeantAsValue(cell: string): boolean {
  return PLACEHOLDER.test(cell) || /^\s*\d{5,8}\s*$/.test(cell) || looksLikeContainerNumber(cell);
}

function cellAt(rows: readonly GridRow[], index: number, position: number): string {
  return rows[index]?.cells[position] ?? '';
}
