import type { AnswerColumn, RowResult } from '@gantry/client';

import { toCsv } from '../../format/to-csv.ts';
import { answerText } from './answer-value.tsx';

/** Rows as a CSV file for Excel, which takes UTF-8 without a byte order mark for something else. */
export function rowsCsv(rows: readonly RowResult[], answers: readonly AnswerColumn[]): Blob {
  const header = ['Line', 'Row', 'Status', ...answers.map(({ label }) => label), 'Problem'];
  const lines = rows.map((row) => [
    String(row.line ?? row.index + 1),
    row.key,
    row.status,
    ...answers.map(({ key }) => answerText(row.data[key])),
    row.error?.message ?? '',
  ]);
  return new Blob(['\uFEFF', toCsv([header, ...lines])], { type: 'text/csv' });
}
