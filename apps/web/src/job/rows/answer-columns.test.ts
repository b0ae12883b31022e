import type { AnswerColumn } from '@gantry/client';
import { expect, test } from 'vitest';

import { answerColumns } from './answer-columns.ts';

const DECLARED: AnswerColumn[] = [
  { key: 'location', label: 'Location', type: 'text' },
  { key: 'timeIn', label: 'Time in', type: 'datetime' },
];
const row = (data: Record<string, string>) => ({ data });

test('the columns are those of the service, all of them, whatever the rows hold', () => {
  expect(answerColumns(DECLARED, [])).toEqual(DECLARED);
  expect(answerColumns(DECLARED, [row({ timeIn: '1' }), row({ timeIn: '2', location: 'Yard' })])).toEqual(
    DECLARED,
  );
});

test('values that the service does not declare come after them, in the order in which they came', () => {
  const first = [row({ sealNo: '1', location: 'Yard' })];
  const later = [...first, row({ weight: '3', sealNo: '1' })];
  expect(answerColumns(DECLARED, first).map(({ label }) => label)).toEqual([
    'Location',
    'Time in',
    'Seal no',
  ]);
  expect(answerColumns(DECLARED, later).map(({ label }) => label)).toEqual([
    'Location',
    'Time in',
    'Seal no',
    'Weight',
  ]);
});
