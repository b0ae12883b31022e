import type { FoundColumn } from './layout/find-layout.ts';
import type { ProblemCode } from './values/checked.ts';

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
