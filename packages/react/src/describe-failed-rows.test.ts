import { expect, test } from 'vitest';

import { describeFailedRows } from './describe-failed-rows.ts';

test.each([
  [2, { done: 6, total: 6 }, '2 of 6 rows failed'],
  [1, { done: 1, total: 1 }, '1 of 1 row failed'],
  [1, { done: 1_200, total: 1_200 }, '1 of 1,200 rows failed'],
  [1, null, '1 row failed'],
  [3, null, '3 rows failed'],
  [3, { done: 2, total: 2 }, '3 of 3 rows failed'],
  [0, { done: 6, total: 6 }, null],
  [null, { done: 6, total: 6 }, null],
])('%j failed rows with a progress of %j are "%s"', (failedRows, progress, text) => {
  expect(describeFailedRows({ status: 'completed', failedRows, progress })).toBe(text);
});

test('of a job that did not complete the state says enough', () => {
  const progress = { done: 6, total: 6 };
  expect(describeFailedRows({ status: 'failed', failedRows: 6, progress })).toBeNull();
});
