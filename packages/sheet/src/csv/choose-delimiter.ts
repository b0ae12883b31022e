import type { FileSpec } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { findLayout } from '../layout/find-layout.ts';
import { isName, namesOf } from '../layout/header-names.ts';
import { LIMITS } from '../limits.ts';
import { SheetError } from '../sheet-error.ts';
import { splitRecords } from './split-records.ts';

const DELIMITERS = [',', ';', '\t', '|', '^', '~', ':'];
const SAMPLE_ROWS = 100;
const HEADER_ROWS = 20;

/**
 * The delimiter of a text, and the text from its first record on: the one of Excel's `sep=` line if it finds values, else the one that leaves no
 * quotation marks and finds most values of the wanted column, then its header, then equally many cells in most rows.
 */
export function chooseDelimiter(text: string, spec: FileSpec): { delimiter: string; list: string } {
  const [declaration, declared] = /^"?sep=([^\r\n"])"?(?:\r\n|\r|\n|$)/i.exec(text.slice(0, 20)) ?? [];
  const start = declaration?.length ?? 0;
  const sample = text.slice(start, start + LIMITS.delimiterSample);
  let best = { delimiter: declared ?? ',', score: [-Infinity] };
  for (const delimiter of declared ? [declared, ...DELIMITERS] : DELIMITERS) {
    const score = rate(sampleRows(sample, delimiter), spec);
    if (delimiter === declared && (score[1] ?? 0) > 0) return { delimiter, list: text.slice(start) };
    if (isGreater(score, best.score)) best = { delimiter, score };
  }
  if (best.score[1] === 0) {
    // Reports that are printed into a file line their columns up with spaces.
    const list = text.slice(start).replaceAll(/ {2,}/g, '\t');
    const score = rate(sampleRows(list.slice(0, LIMITS.delimiterSample), '\t'), spec);
    if ((score[1] ?? 0) > 0) return { delimiter: '\t', list };
  }
  return { delimiter: best.delimiter, list: text.slice(start) };
}

function sampleRows(text: string, delimiter: string): GridRow[] {
  const rows: GridRow[] = [];
  try {
    for (const { line, cells } of splitRecords(text, delimiter, { isTrial: true })) {
      rows.push({ line, cells, unstored: null });
      if (rows.length === SAMPLE_ROWS) break;
    }
  } catch (error) {
    // Read up to there: a wrong delimiter may make a cell too long, and a right one is read again.
    if (!(error instanceof SheetError)) throw error;
  }
  return rows;
}

/** Quotation marks that are left, values, header, evenness, columns: compared in this order. */
function rate(rows: readonly GridRow[], spec: FileSpec): number[] {
  const names = spec.columns.map(namesOf);
  // A wrong delimiter cuts quoted cells apart.
  const quoted = rows.filter(({ cells }) => cells.some((cell) => cell.includes('"'))).length;
  const matches = rows
    .slice(0, HEADER_ROWS)
    .map(({ cells }) => names.filter((known) => cells.some((cell) => isName(cell, '', known))).length);
  const headers = Math.max(0, ...matches);
  const widths = rows.map(({ cells }) => cells.length);
  const most = Math.max(1, ...widths);
  const even = widths.filter((width) => width === most).length / Math.max(1, rows.length);
  try {
    const { values } = findLayout(rows, spec);
    return [-quoted, values, headers, even, most];
  } catch (error) {
    if (!(error instanceof SheetError)) throw error;
    return [-quoted, 0, headers, most > 1 ? even : 0, most];
  }
}

function isGreater(a: number[], b: number[]): boolean {
  for (const [index, value] of a.entries()) {
    if (value !== (b[index] ?? 0)) return value > (b[index] ?? 0);
  }
  return false;
}
