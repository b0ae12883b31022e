// The browser build also runs in Node: one parser, so that the preview and the server never disagree.
import { CsvError, parse } from 'csv-parse/browser/esm/sync';

import { type Grid, MAX_CELL_LENGTH } from './grid.ts';
import { SheetError } from './sheet-error.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const MAX_LINE_LENGTH = MAX_CELL_LENGTH * 100;

/**
 * Splits CSV text into lines of cells. Blank lines are left out; `line` stays the number that an editor shows.
 *
 * @throws {SheetError} FILE_MALFORMED
 */
export function readCsv(text: string, maxLines: number): Grid {
  const grid: Grid = [];
  refuseEndlessLines(text);
  try {
    parse(text, {
      delimiter: sniffDelimiter(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_LINE_LENGTH,
      to: maxLines,
      on_record(cells: string[], { lines }) {
        grid.push({ line: lines, cells });
        return null;
      },
    });
    return grid;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error['lines'] ?? 0);
    const problem =
      error.code === 'CSV_MAX_RECORD_SIZE'
        ? 'A line is far too long'
        : 'A quotation mark is opened or closed in a wrong place';
    throw new SheetError(
      'FILE_MALFORMED',
      `${problem}, near line ${line}. Correct it, or save the sheet as an Excel workbook (.xlsx).`,
      { line },
      { cause: error },
    );
  }
}

/** The parser's own limit counts characters in cells; a line of delimiters alone has none. */
function refuseEndlessLines(text: string): void {
  let line = 1;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at];
    if (character !== undefined && character !== '\n' && character !== '\r') continue;
    if (at - start > MAX_LINE_LENGTH)
      throw new SheetError('FILE_MALFORMED', `Line ${line} is far too long.`, { line });
    start = at + 1;
    if (character !== '\r' || text[start] !== '\n') line += 1;
  }
}

/** The delimiter that splits the first lines most evenly; a comma if none does. */
function sniffDelimiter(text: string): string {
  const lines = text
    .slice(0, 20_000)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 10)
    .map((line) => line.replaceAll(/"[^"]*"/g, ''));
  let best = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const score =
      Math.max(0, ...counts) *
      (counts.filter((count) => count === Math.max(...counts)).length / lines.length);
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}
