import type { AnswerColumn, JsonValue, NewRowResult } from '@gantry/contract';
import type { ResultsTable } from './results-files.ts';

/** A row of the results: the cells that it began with, its line in the user's file, and what became of it. */
export type ResultsRow = { cells: string[]; line: number | null; result: NewRowResult | undefined };

/** The rows as they came, with their lines, what was answered for each, and what was wrong. */
export function toResultsTable(o: {
  /** Headers of the cells. */
  headers: readonly string[];
  answerColumns: readonly AnswerColumn[];
  rows: readonly ResultsRow[];
}): ResultsTable {
  return {
    headers: [...o.headers, 'Line', 'Status', ...o.answerColumns.map(({ label }) => label), 'Problem'],
    rows: o.rows.map(({ cells, line, result }) => [
      ...o.headers.map((_, column) => cells[column] ?? ''),
      line === null ? '' : String(line),
      result?.status ?? '',
      ...o.answerColumns.map(({ key }) => answerText(result?.data[key])),
      result?.error?.message ?? '',
    ]),
  };
}

/** A value as a person reads it: `Seal: 12; Weight: 3 t` for an object. */
function answerText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(answerText).join('; ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${answerText(inner)}`)
    .join('; ');
}
