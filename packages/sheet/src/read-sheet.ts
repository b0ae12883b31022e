import { checkRows, tooManyRows } from './check-rows.ts';
import { chooseSheet } from './choose-sheet.ts';
import type { FileSpec } from './file-spec.ts';
import { readGrids } from './read-grids.ts';
import type { Sheet } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

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
