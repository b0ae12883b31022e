import type { FileSpec } from './file-spec.ts';
import type { GridRow } from './grid.ts';
import type { FoundColumn } from './layout/find-layout.ts';
import { joinCells } from './layout/joined-columns.ts';
import type { SheetRow } from './sheet.ts';
import { SheetError } from './sheet-error.ts';
import { checkValue, formulaNotStored } from './values/check-value.ts';
import type { Checked } from './values/checked.ts';
import { splitValues } from './values/split-values.ts';

/**
 * Checks the rows of a list. A cell of the key column that holds several values gives a row for each, with the same line.
 *
 * @throws {SheetError} TOO_MANY_ROWS
 */
export function checkRows(
  data: readonly GridRow[],
  columns: readonly FoundColumn[],
  spec: FileSpec,
): SheetRow[] {
  const rows: SheetRow[] = [];
  const firstByKey = new Map<string, number>();
  for (const gridRow of data) {
    for (const part of splitRow(gridRow, columns, spec)) {
      if (rows.length === spec.maxRows) throw tooManyRows(spec);
      const row = checkRow(part, gridRow, columns, spec);
      const first = row.problem ? undefined : firstByKey.get(row.key);
      if (!row.problem && first === undefined) firstByKey.set(row.key, rows.length);
      rows.push({ ...row, cells: part.cells, index: rows.length, duplicateOf: first ?? null });
    }
  }
  return rows;
}

/** The error for a list that is too long. */
export function tooManyRows({ maxRows }: FileSpec): SheetError {
  return new SheetError(
    'TOO_MANY_ROWS',
    `The file has more than ${maxRows.toLocaleString('en')} rows. Split it and submit the parts.`,
  );
}

/** A row of a list, or one of several that a line gives. */
type Part = {
  cells: string[];
  /** The text of the key. */
  key: string;
  isUnstored: boolean;
};

/** A row for each value of the key column in a line: in a cell that holds several, or in lists beside each other. */
function splitRow({ cells, unstored }: GridRow, columns: readonly FoundColumn[], spec: FileSpec): Part[] {
  const { positions = [], isJoined = false } = columns.find((column) => column.key === spec.keyColumn) ?? {};
  const format = spec.columns.find((column) => column.key === spec.keyColumn)?.format ?? 'text';
  if (isJoined) {
    const isUnstored = positions.some((at) => unstored?.has(at));
    return [{ cells, key: joinCells(cells, positions), isUnstored }];
  }
  const isFilled = (at: number) => (cells[at] ?? '') !== '' || (unstored?.has(at) ?? false);
  const filled = positions.filter(isFilled);
  const keys = new Set(positions);
  const seen = new Set<string>();
  const parts = (filled.length > 0 ? filled : positions.slice(0, 1)).flatMap((at) =>
    splitValues(cells[at] ?? '', format).flatMap((key): Part[] => {
      const isUnstored = unstored?.has(at) ?? false;
      const { value } = checkValue(key, format);
      // Lists that are compared have the same number beside each other.
      if (positions.length > 1 && !isUnstored && seen.has(value)) return [];
      seen.add(value);
      const own = cells.map((cell, position) => (keys.has(position) ? '' : cell));
      if (at < own.length) own[at] = key;
      return [{ cells: own, key, isUnstored }];
    }),
  );
  // A cell that gives one row is kept as it is.
  return positions.length === 1 && parts.length === 1 ? parts.map((part) => ({ ...part, cells })) : parts;
}

function checkRow(
  { cells, key: keyText, isUnstored: isKeyUnstored }: Part,
  { line, unstored }: GridRow,
  columns: readonly FoundColumn[],
  spec: FileSpec,
): Omit<SheetRow, 'cells' | 'index' | 'duplicateOf'> {
  const values: Record<string, string> = Object.create(null);
  let key = '';
  let problem: SheetRow['problem'] = null;
  for (const column of spec.columns) {
    const isKey = column.key === spec.keyColumn;
    const position = columns.find((found) => found.key === column.key)?.position ?? -1;
    const isUnstored = isKey ? isKeyUnstored : unstored?.has(position);
    const checked: Checked = isUnstored
      ? formulaNotStored()
      : checkValue(isKey ? keyText : (cells[position] ?? ''), column.format);
    values[column.key] = checked.value;
    if (isKey) key = checked.value;
    const isMissing = !checked.ok && checked.code === 'VALUE_MISSING';
    if (!checked.ok && (column.required || !isMissing))
      problem ??= { code: checked.code, message: checked.message };
  }
  return { line, key, values, problem };
}
