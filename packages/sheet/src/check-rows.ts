import type { FileSpec } from './file-spec.ts';
import type { GridRow } from './grid.ts';
import type { FoundColumn } from './layout/find-layout.ts';
import { joinCells } from './layout/joined-columns.ts';
import type { SheetRow } from './read-sheet.ts';
import { SheetError } from './sheet-error.ts';
import { type Checked, checkValue, formulaNotStored } from './values/check-value.ts';
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
    const parts = splitRow(gridRow, columns, spec);
    for (const part of parts) {
      if (rows.length === spec.maxRows) throw tooManyRows(spec);
      const row = checkRow(part, columns, spec);
      const first = row.problem ? undefined : firstByKey.get(row.key);
      if (!row.problem && first === undefined) firstByKey.set(row.key, rows.length);
      const cells = parts.length === 1 ? gridRow.cells : part.cells;
      rows.push({ ...row, cells, index: rows.length, duplicateOf: first ?? null });
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

function splitRow(row: GridRow, columns: readonly FoundColumn[], spec: FileSpec): GridRow[] {
  const key = columns.find((column) => column.key === spec.keyColumn);
  const format = spec.columns.find((column) => column.key === spec.keyColumn)?.format ?? 'text';
  if (!key || key.positions.length > 1) return [row];
  const values = splitValues(row.cells[key.position] ?? '', format);
  if (values.length === 1 && values[0] === row.cells[key.position]) return [row];
  return values.map((value) => ({ ...row, cells: row.cells.with(key.position, value) }));
}

function checkRow(
  { line, cells, unstored }: GridRow,
  columns: readonly FoundColumn[],
  spec: FileSpec,
): Omit<SheetRow, 'cells' | 'index' | 'duplicateOf'> {
  const values: Record<string, string> = Object.create(null);
  let key = '';
  let problem: SheetRow['problem'] = null;
  for (const column of spec.columns) {
    const positions = columns.find((found) => found.key === column.key)?.positions ?? [];
    const isUnstored = positions.some((position) => unstored?.has(position));
    const checked: Checked = isUnstored
      ? formulaNotStored()
      : checkValue(joinCells(cells, positions), column.format);
    values[column.key] = checked.value;
    if (column.key === spec.keyColumn) key = checked.value;
    const isMissing = !checked.ok && checked.code === 'VALUE_MISSING';
    if (!checked.ok && (column.required || !isMissing))
      problem ??= { code: checked.code, message: checked.message };
  }
  return { line, key, values, problem };
}
