import type { WaitReason } from '@gantry/client';
import { expect, test } from 'vitest';

import { activityOf } from './activity.ts';
import { waitText } from './wait-text.ts';

const job = {
  queue: 'default',
  attempt: 1,
  error: { code: 'SITE_MAINTENANCE', message: 'The site is down.' },
};

const TEXTS: [WaitReason | null, RegExp][] = [
  [{ code: 'next' }, /^It is next/],
  [{ code: 'ahead', count: 1, isMore: false }, /^One job goes first/],
  [{ code: 'ahead', count: 12, isMore: false }, /^12 jobs go first/],
  [{ code: 'queue_paused' }, /“default” is paused/],
  [{ code: 'ahead', count: 5_000, isMore: true }, /^More than 5,000 jobs go first/],
  [{ code: 'scheduled', runAt: '2026-01-31T08:00:00.000Z' }, /^It is scheduled for .*2026/],
  [{ code: 'blocked', jobs: 1 }, /^It starts when another job has finished/],
  [{ code: 'blocked', jobs: 3 }, /^It starts when 3 other jobs have finished/],
  [
    { code: 'retry', runAt: '2026-01-31T08:00:00.000Z' },
    /Attempt 1 failed: The site is down\. It is tried again/,
  ],
  [{ code: 'no_worker' }, /No worker/],
  [null, /waits for its turn/],
];

test.each(TEXTS)('a job that waits for %j says so in a sentence', (waitReason, text) => {
  expect(waitText({ ...job, waitReason })).toMatch(text);
});

test('the log holds lines, steps, changes of state and rows that failed in one order, newest first', () => {
  const createdAt = '2026-01-01T00:00:00.000Z';
  const lines = activityOf({
    logs: [{ seq: 3, createdAt, level: 'warn', message: 'slow' }],
    steps: [{ seq: 2, attempt: 1, createdAt, name: 'Looking up' }],
    states: [
      { seq: 1, createdAt, attempt: 1, to: 'processing', reason: 'claimed' },
      {
        seq: 4,
        createdAt,
        attempt: 1,
        to: 'failed',
        reason: 'permanent_error',
        errorCode: 'X',
        errorMessage: 'No.',
      },
      { seq: 5, createdAt, attempt: 1, to: 'completed', reason: 'completed' },
      { seq: 9, createdAt, attempt: 1, to: 'cancelled', reason: 'cancelled_by_owner' },
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
