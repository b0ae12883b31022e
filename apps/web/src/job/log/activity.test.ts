import { expect, test } from 'vitest';

import { activityOf } from './activity.ts';

test('the log holds lines, steps, changes of state and rows that failed in one order, newest first', () => {
  const createdAt = '2026-01-01T00:00:00.000Z';
  const lines = activityOf({
    logs: [{ seq: 3, createdAt, level: 'warn', message: 'slow' }],
    steps: [{ seq: 2, attempt: 1, createdAt, name: 'Looking up' }],
    states: [
      { seq: 1, createdAt, attempt: 1, to: 'processing', cause: { code: 'claimed' }, reason: 'claimed' },
      {
        seq: 4,
        createdAt,
        attempt: 1,
        to: 'failed',
        cause: { code: 'permanent_error' },
        reason: 'permanent error',
        errorCode: 'X',
        errorMessage: 'No.',
      },
      { seq: 5, createdAt, attempt: 1, to: 'completed', cause: { code: 'completed' }, reason: 'completed' },
      {
        seq: 9,
        createdAt,
        attempt: 1,
        to: 'cancelled',
        cause: { code: 'cancelled_by_owner' },
        reason: 'cancelled by owner',
      },
    ],
    rows: new Map(
      (['completed', 'failed', 'invalid', 'duplicate'] as const).map((status, index) => {
        const error = status === 'completed' ? null : { code: 'X', message: `It is ${status}.` };
        return [
          index,
          { seq: 5 + index, createdAt, index, line: index + 2, key: 'K', status, data: {}, error },
        ];
      }),
    ),
  });
  expect(lines.map(({ level, source, message }) => [level, source, message])).toEqual([
    ['info', 'state', 'cancelled: Its owner cancelled it.'],
    ['warn', 'row', 'Line 4, K: It is invalid.'],
    ['error', 'row', 'Line 3, K: It is failed.'],
    ['info', 'state', 'completed'],
    ['error', 'state', 'failed: No.'],
    ['warn', 'log', 'slow'],
    ['info', 'step', 'Looking up'],
    ['info', 'state', 'processing: A worker took it.'],
  ]);
});
