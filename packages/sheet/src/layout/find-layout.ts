import type { ColumnSpec, FileSpec } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';
import { trimInvisible } from '../values/clean-text.ts';
import { countValues } from './count-values.ts';
import { findHeader, groupsAbove, type Header, headerAt, medianWidth } from './find-header.ts';
import { isName, listNames, namesOf, simplify } from './header-names.ts';
import { isClosing, isTotal, looksLikeValue } from './is-remark.ts';
import { findSplitNumbers, isBeginning, joinCells } from './joined-columns.ts';
import { findListsBeside } from './lists-beside.ts';
import { rankColumns, valuesIn } from './rank-columns.ts';

/** A column of the file that a service's column was found in. */
export type FoundColumn = {
  key: string;
  label: string;
  header: string;
  /** From 0. */
  position: number;
  /** The columns that hold its values: most often one. */
  positions: number[];
  /** Whether the cells of several columns together are one value, as a prefix and a number are; else each is one. */
  isJoined: boolean;
  /** Other columns that hold such values too, best first: the user may have meant one of them. */
  alternatives: { header: string; position: number }[];
};

/** Which rows are data, under which headers, and where the wanted columns are. */
export type Layout = {
  headers: string[];
  columns: FoundColumn[];
  data: GridRow[];
  /** How many values the key column holds: of several sheets, the list is the one with most. */
  values: number;
};

/** Where the key column is. */
type KeyColumn = {
  positions: number[];
  isJoined: boolean;
  header: Header;
  /** Index of the first row with a value. */
  first: number;
  alternatives: { position: number; header: Header }[];
  values: number;
};

/**
 * Finds the wanted columns and the rows of the list. The key column is the one whose cells are valid values; of several,
 * a visible one whose header fits best. A column without any is found by its header.
 *
 * @throws {SheetError} COLUMN_NOT_FOUND
 */
export function findLayout(
  rows: readonly GridRow[],
  spec: FileSpec,
  hidden: ReadonlySet<number> = new Set(),
): Layout {
  const keySpec = spec.columns.find((column) => column.key === spec.keyColumn);
  if (!keySpec) throw new TypeError(`The file specification has no column "${spec.keyColumn}".`);
  const key = findByContent(rows, keySpec, hidden) ?? findByHeader(rows, keySpec);
  if (!key) throw columnNotFound(rows, keySpec);
  const [position = 0] = key.positions;
  const { header } = key;
  const width = Math.max(
    0,
    ...rows.slice(header.firstDataRow).map(({ cells }) => cells.length),
    position + 1,
  );
  const headers = Array.from({ length: width }, (_, at) => nameOf(rows, header, at));
  const found: FoundColumn = {
    key: keySpec.key,
    label: keySpec.label,
    header: [...new Set(key.positions.map((at) => headers[at] ?? ''))].join(key.isJoined ? ' + ' : ', '),
    position,
    positions: key.positions,
    isJoined: key.isJoined,
    alternatives: key.alternatives.map((other) => ({
      header: nameOf(rows, other.header, other.position),
      position: other.position,
    })),
  };
  const others = spec.columns
    .filter((column) => column !== keySpec)
    .flatMap((column) => findOther(rows, header, headers, column, key.positions));
  return {
    headers,
    columns: [found, ...others],
    data: dataRows(rows, key, keySpec),
    values: key.values,
  };
}

function findByContent(
  rows: readonly GridRow[],
  keySpec: ColumnSpec,
  hidden: ReadonlySet<number>,
): KeyColumn | null {
  if (keySpec.format === 'text') return null;
  const names = namesOf(keySpec);
  const contents = countValues(rows, keySpec.format);
  const [best, ...others] = rankColumns(rows, contents, { spec: keySpec, hidden });
  const isWhole = best && best.valid + best.unstored > 0;
  const joined = isWhole || keySpec.format !== 'iso6346' ? null : findJoined(rows, keySpec);
  if (joined && joined !== 'unclear') return joined;
  if (best) {
    const lists = [best, ...findListsBeside(rows, contents, { best, names, hidden })];
    const positions = lists.map(({ position }) => position).toSorted((a, b) => a - b);
    return {
      positions,
      isJoined: false,
      header: best.header,
      first: Math.min(...lists.map(({ first }) => first)),
      alternatives: others.filter(({ position }) => !positions.includes(position)),
      values: lists.reduce((sum, list) => sum + valuesIn(list), 0),
    };
  }
  if (joined === 'unclear') throw splitNumber(keySpec);
  return null;
}

/** Numbers that are split over columns; unclear if it is ambiguous which belong together. */
function findJoined(rows: readonly GridRow[], keySpec: ColumnSpec): KeyColumn | 'unclear' | null {
  const { joins, beginnings } = findSplitNumbers(rows);
  const [join] = joins;
  if (!join) return beginnings.length > 0 && !findByHeader(rows, keySpec) ? 'unclear' : null;
  if (joins.length > 1) return 'unclear';
  const [beginning = 0] = join;
  const first = rows.findIndex(({ cells }) => isBeginning(cells[beginning] ?? ''));
  const header = findHeader(rows, { position: beginning, first }, namesOf(keySpec));
  return { positions: join, isJoined: true, header, first, alternatives: [], values: rows.length - first };
}

function findByHeader(rows: readonly GridRow[], keySpec: ColumnSpec): KeyColumn | null {
  const names = namesOf(keySpec);
  for (const [index, { cells }] of rows.slice(0, LIMITS.extraRows).entries()) {
    const groups = groupsAbove(rows, index);
    const position = cells.findIndex((cell, at) => isName(cell, groups[at] ?? groups.at(-1) ?? '', names));
    if (position === -1) continue;
    const header = { index, firstDataRow: index + 1 };
    const data = rows.slice(header.firstDataRow);
    const values = keySpec.format === 'text' ? data.filter((row) => row.cells[position]).length : 0;
    return {
      positions: [position],
      isJoined: false,
      header,
      first: header.firstDataRow,
      alternatives: [],
      values,
    };
  }
  return null;
}

function findOther(
  rows: readonly GridRow[],
  header: Header,
  headers: string[],
  column: ColumnSpec,
  taken: number[],
): FoundColumn[] {
  const names = namesOf(column);
  const groups = header.index === null ? [] : groupsAbove(rows, header.index);
  const position = headers.findIndex(
    (name, at) => !taken.includes(at) && isName(name, groups[at] ?? groups.at(-1) ?? '', names),
  );
  if (position === -1) return [];
  const { key, label } = column;
  return [
    {
      key,
      label,
      header: headers[position] ?? '',
      position,
      positions: [position],
      isJoined: false,
      alternatives: [],
    },
  ];
}

/** The rows of the list: without repeated headers, totals, and what is written below it. */
function dataRows(
  rows: readonly GridRow[],
  { positions, isJoined, header, first }: KeyColumn,
  { format }: ColumnSpec,
): GridRow[] {
  const [position = 0] = positions;
  const data = rows.slice(header.firstDataRow);
  const isValue = ({ cells, unstored }: GridRow) =>
    positions.some((at) => unstored?.has(at)) ||
    (isJoined
      ? positions.every((at) => cells[at]) && looksLikeValue(joinCells(cells, positions), format)
      : positions.some((at) => looksLikeValue(cells[at] ?? '', format)));
  const last = format === 'text' ? data.length - 1 : data.findLastIndex(isValue);
  const width = medianWidth(rows.slice(first, first + 200).filter(isValue));
  const name = header.index === null ? '' : simplify(rows[header.index]?.cells[position] ?? '');
  // A list in a row, with the name of each line at its left.
  const inRow = header.index === null && !isJoined && positions.length > 1 ? data.filter(isValue) : [];
  if (inRow.length === 1) return inRow;
  const above = new Set(
    rows
      .slice(0, header.firstDataRow)
      .map(outlineOf)
      .filter((line) => /\p{L}/u.test(line)),
  );
  return data.filter((row, index) => {
    if (format === 'text') return index < data.length - 1 || !isTotal(row, positions);
    if (isValue(row)) return true;
    if (name !== '' && simplify(row.cells[position] ?? '') === name) return false;
    // What is above the list is above each of its printed pages.
    if (above.has(outlineOf(row))) return false;
    return index > last && last !== -1 ? !isClosing(row, positions, width) : !isTotal(row, positions);
  });
}

/** What a line of titles says, whatever the number of the page. */
function outlineOf({ cells }: GridRow): string {
  return cells.map((cell) => simplify(cell).replaceAll(/\p{Nd}+/gu, '0')).join(' ');
}

function nameOf(rows: readonly GridRow[], { index }: Header, position: number): string {
  return index === null ? `Column ${position + 1}` : trimInvisible(headerAt(rows, index, position));
}

function columnNotFound(rows: readonly GridRow[], column: ColumnSpec): SheetError {
  const headers = (rows[0]?.cells ?? []).slice(0, 20).map((cell) => cell.slice(0, 40));
  return new SheetError(
    'COLUMN_NOT_FOUND',
    `There is no column "${column.label}" in the file. Name one of its columns ${listNames(column)}.`,
    { wanted: column.label, headers },
  );
}

function splitNumber(column: ColumnSpec): SheetError {
  return new SheetError(
    'COLUMN_NOT_FOUND',
    `The container numbers are split over several columns, and it is not clear which belong together. Put each whole number into one column, and name it ${listNames(column)}.`,
    { wanted: column.label },
  );
}
