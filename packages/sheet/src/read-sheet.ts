import { checkRows, tooManyRows } from './check-rows.ts';
import { chooseSheet } from './choose-sheet.ts';
import type { FileSpec } from './file-spec.ts';
import type { FoundColumn } from './layout/find-layout.ts';
import { readGrids } from './read-grids.ts';
import { SheetError } from './sheet-error.ts';
import type { ProblemCode } from './values/check-value.ts';

/** A data row of the file. */
export type SheetRow = {
  /** Position among the data rows, from 0: the row's identity. */
  index: number;
  /**
   * Number, from 1, that a spreadsheet program shows beside the row when the user opens the file. In a CSV file a cell of
   * several lines is in one row, a blank line is a row, and Excel's `sep=` line is none. A cell with several values gives
   * several rows with the same line.
   */
  line: number;
  /** The key column's value in its one spelling; what was typed, if it is wrong. */
  key: string;
  /** Checked values by column key. */
  values: Record<string, string>;
  /** The texts of the row's cells, as a spreadsheet shows them; of a key cell with several values, this row's value. */
  cells: string[];
  /** What is wrong with the row; null if nothing is. */
  problem: { code: ProblemCode; message: string } | null;
  /** Index of the first row with this key; null if this is it. */
  duplicateOf: number | null;
};

/** A file that was read and checked. */
export type Sheet = {
  format: 'csv' | 'xlsx';
  /**
   * The sheet of the workbook that was read, other visible ones that hold such values too, and how many of its rows are
   * hidden, which are read like others; null for CSV.
   */
  sheet: { name: string; others: string[]; hiddenRows: number } | null;
  /** All headers of the list, in order. */
  headers: string[];
  /** The columns that the service looks for, where they were found; the key column first. */
  columns: FoundColumn[];
  rows: SheetRow[];
  counts: { total: number; valid: number; invalid: number; duplicate: number };
};

/**
 * Reads a sheet and checks its rows. The content of a file says what kind it is, never its name. Of a workbook, the
 * visible sheet with most values of the key column is read.
 *
 * Rows with problems are marked, not thrown. {@link requireValidRows} refuses a sheet that has no others.
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
  const grids = readGrids(bytes, spec);
  const { name, layout, others, isCut } = chooseSheet(grids, spec);
  if (isCut) throw tooManyRows(spec);
  const { headers, columns, data } = layout;
  const rows = checkRows(data, columns, spec);
  const invalid = rows.filter((row) => row.problem).length;
  const duplicate = rows.filter((row) => row.duplicateOf !== null).length;
  return {
    format: grids.format,
    sheet:
      grids.format === 'csv' ? null : { name, others, hiddenRows: data.filter((row) => row.isHidden).length },
    headers,
    columns,
    rows,
    counts: { total: rows.length, valid: rows.length - invalid - duplicate, invalid, duplicate },
  };
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
