import { chooseDelimiter } from './csv/choose-delimiter.ts';
import { readCsv } from './csv/read-csv.ts';
import { refuseSwallowedLines } from './csv/refuse-swallowed-lines.ts';
import { decodeText } from './file/decode-text.ts';
import { refuseBinary } from './file/refuse-binary.ts';
import { refuseMarkup } from './file/refuse-markup.ts';
import { unsupported } from './file/unsupported.ts';
import type { FileSpec } from './file-spec.ts';
import { LIMITS } from './limits.ts';
import { ReadingBudget } from './reading-budget.ts';
import { readXlsx, type WorkbookSheet } from './xlsx/read-xlsx.ts';

/** The sheets of a file. A CSV file is one sheet without a name. */
export type Grids = {
  format: 'csv' | 'xlsx';
  sheets: WorkbookSheet[];
  /** Names of the sheets that are hidden, and therefore not read. */
  hidden: string[];
};

/** Reads all that can be seen in a file. Its content says what kind of file it is, never its name. @throws {SheetError} */
export function readGrids(bytes: Uint8Array, spec: FileSpec): Grids {
  const budget = new ReadingBudget(bytes.length);
  const maxRows = spec.maxRows + LIMITS.extraRows;
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 0) < 9) {
    requireFormat(spec, 'xlsx');
    return { format: 'xlsx', ...readXlsx(bytes, { maxRows, budget }) };
  }
  refuseBinary(bytes);
  const text = decodeText(bytes);
  refuseMarkup(text);
  requireFormat(spec, 'csv');
  const { delimiter, list } = chooseDelimiter(text, spec);
  const grid = readCsv(list, { delimiter, maxRows, budget });
  const keyFormat = spec.columns.find((column) => column.key === spec.keyColumn)?.format ?? 'text';
  refuseSwallowedLines(grid.rows, delimiter, keyFormat);
  return { format: 'csv', sheets: [{ name: '', grid }], hidden: [] };
}

function requireFormat({ formats }: FileSpec, format: Grids['format']): void {
  if (formats.includes(format)) return;
  const [wanted] = formats;
  throw unsupported(
    format === 'csv' ? 'text' : 'an Excel workbook',
    `This service takes ${wanted === 'csv' ? 'CSV' : 'Excel workbooks (.xlsx)'} only.`,
  );
}
