import type { ColumnSpec, FileSpec } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';
import { trimInvisible } from '../values/clean-text.ts';
import { countValues } from './count-values.ts';
import { findHeader, groupsAbove, type Header, headerAt, medianWidth } from './find-header.ts';
import { isName, listNames, namesOf, simplify } from './header-names.ts';
import { isClosing, isTotal, looksLikeValue } from './is-remark.ts';
import { findSplitNumbers, joinCells } from './joined-columns.ts';
import { rankColumns, valuesIn } from './rank-columns.ts';

/** A column of the file that a service's column was found in. */
export type FoundColumn = {
  key: string;
  label: string;
  header: string;
  /** From 0. */
  position: number;
  /** The columns whose cells together are the value: most often one, for a prefix and a number in two columns both. */
  positions: number[];
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
    header: key.positions.map((at) => headers[at] ?? '').join(' + '),
    position,
    positions: key.positions,
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
  const [best, ...alternatives] = rankColumns(rows, countValues(rows, keySpec.format), {
    spec: keySpec,
    hidden,
  });
  if (best) {
    const { position, first, header } = best;
    return { positions: [position], header, first, alternatives, values: valuesIn(best) };
  }
  if (keySpec.format !== 'iso6346') return null;
  const { joins, prefixes } = findSplitNumbers(rows);
  const [join] = joins;
  if (!join) {
    if (prefixes.length > 0 && !findByHeader(rows, keySpec)) throw splitNumber(keySpec);
    return null;
  }
  if (joins.length > 1) throw splitNumber(keySpec);
  const [prefix = 0] = join;
  const first = rows.findIndex(({ cells }) => /^\s*[A-Z]{3}[UJZ]\s*$/i.test(cells[prefix] ?? ''));
  const header = findHeader(rows, { position: prefix, first }, names);
  return { positions: join, header, first, alternatives: [], values: rows.length - first };
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
    return { positions: [position], header, first: header.firstDataRow, alternatives: [], values };
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
  return [{ key, label, header: headers[position] ?? '', position, positions: [position], alternatives: [] }];
}

/** The rows of the list: without repeated headers, totals, and what is written below it. */
function dataRows(
  rows: readonly GridRow[],
  { positions, header, first }: KeyColumn,
  { format }: ColumnSpec,
): GridRow[] {
  const [position = 0] = positions;
  const data = rows.slice(header.firstDataRow);
  const isValue = ({ cells, unstored }: GridRow) =>
    (unstored?.has(position) ?? false) ||
    (positions.length > 1
      ? positions.every((at) => cells[at]) && looksLikeValue(joinCells(cells, positions), format)
      : looksLikeValue(cells[position] ?? '', format));
  const last = format === 'text' ? data.length - 1 : data.findLastIndex(isValue);
  const width = medianWidth(rows.slice(first, first + 200).filter(isValue));
  const name = header.index === null ? '' : simplify(rows[header.index]?.cells[position] ?? '');
  return data.filter((row, index) => {
    if (format === 'text') return index < data.length - 1 || !isTotal(row, positions);
    if (isValue(row)) return true;
    if (name !== '' && simplify(row.cells[position] ?? '') === name) return false;
    return index > last && last !== -1 ? !isClosing(row, positions, width) : !isTotal(row, positions);
  });
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
