import { checkValue } from './check-value.ts';
import type { ProblemCode } from './container-number.ts';
import { decodeText, nameBinary, unsupported } from './decode-text.ts';
import type { FileSpec } from './file-spec.ts';
import { type FoundColumn, findColumns } from './find-columns.ts';
import { type Grid, MAX_CELL_LENGTH, MAX_COLUMNS } from './grid.ts';
import { SheetError } from './sheet-error.ts';

/** A data row of the file. */
export type SheetRow = {
  /** Position among the data rows, from 0: the row's identity. */
  index: number;
  /** Number of the line that a person sees in the file. */
  line: number;
  /** The key column's value in its one spelling; what was typed, if it is wrong. */
  key: string;
  /** Checked values by column key. */
  values: Record<string, string>;
  /** The cells as they stand in the file. */
  cells: string[];
  /** What is wrong with the row; null if nothing is. */
  problem: { code: ProblemCode; message: string } | null;
  /** Index of the first row with this key; null if this is it. */
  duplicateOf: number | null;
};

/** A file that was read and checked. */
export type Sheet = {
  format: 'csv' | 'xlsx';
  /** All headers of the file, in order. */
  headers: string[];
  /** The columns that the service looks for, where they were found. */
  columns: FoundColumn[];
  rows: SheetRow[];
  counts: { total: number; valid: number; invalid: number; duplicate: number };
};

/**
 * Reads a sheet and checks its rows. What kind of file it is, its content says, never its name.
 *
 * Rows with problems do not make it throw: they are marked. {@link requireValidRows} refuses a sheet that has no others.
 *
 * @throws {SheetError}
 */
export async function readSheet(bytes: Uint8Array, spec: FileSpec): Promise<Sheet> {
  if (bytes.length === 0)
    throw new SheetError('FILE_EMPTY', 'The file is empty. Choose a file with at least one row.');
  if (bytes.length > spec.maxBytes) {
    throw new SheetError(
      'FILE_TOO_LARGE',
      `The file is larger than ${Math.floor(spec.maxBytes / 1_000_000)} MB. Split it and submit the parts.`,
    );
  }
  const { format, grid } = await readGrid(bytes, spec);
  if (grid.length === 0) throw noRows();
  const layout = findColumns(grid, spec);
  const data = grid.slice(layout.firstDataRow);
  if (data.length === 0) throw noRows();
  if (data.length > spec.maxRows) {
    throw new SheetError(
      'TOO_MANY_ROWS',
      `The file has more than ${spec.maxRows.toLocaleString('en')} rows. Split it and submit the parts.`,
    );
  }
  const rows = checkRows(data, layout.columns, spec);
  const invalid = rows.filter((row) => row.problem).length;
  const duplicate = rows.filter((row) => row.duplicateOf !== null).length;
  const counts = { total: rows.length, valid: rows.length - invalid - duplicate, invalid, duplicate };
  return { format, headers: layout.headers, columns: layout.columns, rows, counts };
}

/** Refuses a sheet in which nothing can be done. @throws {SheetError} NO_VALID_ROWS */
export function requireValidRows(sheet: Sheet): Sheet {
  const [first] = sheet.rows;
  if (sheet.counts.valid === 0) {
    throw new SheetError(
      'NO_VALID_ROWS',
      `None of the ${sheet.rows.length} rows can be used. The first: ${first?.problem?.message ?? ''}`,
      first ? { line: first.line } : {},
    );
  }
  return sheet;
}

async function readGrid(bytes: Uint8Array, spec: FileSpec): Promise<{ format: Sheet['format']; grid: Grid }> {
  const format: Sheet['format'] = bytes[0] === 0x50 && bytes[1] === 0x4b ? 'xlsx' : 'csv';
  const binary = format === 'xlsx' ? null : nameBinary(bytes);
  if (binary)
    throw unsupported(`The file is ${binary}. Save the list as CSV or as an Excel workbook (.xlsx).`);
  if (!spec.formats.includes(format)) throw unsupported(`This service does not take ${format} files.`);
  // Some more than rows are taken: a header and title lines may stand above them.
  const most = spec.maxRows + 20;
  const lines =
    format === 'csv'
      ? (await import('./read-csv.ts')).readCsv(decodeText(bytes), most)
      : await (await import('./read-xlsx.ts')).readXlsx(bytes, most);
  for (const { line, cells } of lines) {
    if (cells.length > MAX_COLUMNS) {
      throw new SheetError(
        'FILE_MALFORMED',
        `Line ${line} has more than ${MAX_COLUMNS.toLocaleString('en')} columns.`,
        { line },
      );
    }
    if (cells.some((cell) => cell.length > MAX_CELL_LENGTH)) {
      throw new SheetError('FILE_MALFORMED', `A cell in line ${line} is far too long.`, { line });
    }
  }
  return { format, grid: lines.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')) };
}

function checkRows(data: Grid, columns: FoundColumn[], spec: FileSpec): SheetRow[] {
  const firstByKey = new Map<string, number>();
  return data.map(({ line, cells }, index) => {
    const values: Record<string, string> = Object.create(null);
    let key = '';
    let problem: SheetRow['problem'] = null;
    for (const column of spec.columns) {
      const position = columns.find((found) => found.key === column.key)?.position;
      const checked = checkValue(position === undefined ? '' : (cells[position] ?? ''), column.format);
      values[column.key] = checked.value;
      if (column.key === spec.keyColumn) key = checked.value;
      const isMissing = !checked.ok && checked.code === 'VALUE_MISSING';
      if (!checked.ok && (column.required || !isMissing))
        problem ??= { code: checked.code, message: checked.message };
    }
    const first = problem ? undefined : firstByKey.get(key);
    if (!problem && first === undefined) firstByKey.set(key, index);
    return { index, line, key, values, cells, problem, duplicateOf: first ?? null };
  });
}

function noRows(): SheetError {
  return new SheetError('NO_ROWS', 'The file has no data rows. Add at least one row below the header.');
}
