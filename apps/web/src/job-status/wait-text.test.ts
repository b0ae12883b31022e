import type { WaitReason } from '@gantry/client';
import { expect, test } from 'vitest';

import { activityOf } from '../job/log/activity.ts';
import { waitText } from './wait-text.ts';

const job = {
  queue: 'default',
  attempt: 1,
  error: { code: 'SITE_MAINTENANCE', message: 'The site is down.' },
};

test.each([
  [{ code: 'next' }, /^It is next/],
  [{ code: 'ahead', count: 1 }, /^One job goes first/],
  [{ code: 'ahead', count: 12 }, /^12 jobs go first/],
  [{ code: 'more_ahead', count: 5_000 }, /^More than 5,000 jobs go first/],
  [{ code: 'queue_paused' }, /“default” is paused/],
  [{ code: 'scheduled', at: '2026-01-31T08:00:00Z' }, /^It is scheduled for .*2026/],
  [{ code: 'blocked', count: 1 }, /^It starts when another job has finished/],
  [{ code: 'blocked', count: 3 }, /^It starts when 3 other jobs have finished/],
  [
    { code: 'retrying', at: '2026-01-31T08:00:00Z' },
    /Attempt 1 failed: The site is down\. It is tried again/,
  ],
  [{ code: 'no_worker' }, /No worker/],
  [null, /waits for its turn/],
] satisfies [WaitReason | null, RegExp][])('a job that waits for %j says so in a sentence', (wait, text) => {
  expect(waitText({ ...job, wait })).toMatch(text);
});

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
