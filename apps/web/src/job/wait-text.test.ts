import { expect, test } from 'vitest';

import { activityOf } from './activity.ts';
import { waitText } from './wait-text.ts';

const job = {
  queue: 'default',
  runAt: '2026-01-31T08:00:00.000Z',
  attempt: 1,
  error: { code: 'SITE_MAINTENANCE', message: 'The site is down.' },
};

test.each([
  ['next', /^It is next/],
  ['1 ahead', /^One job goes first/],
  ['12 ahead', /^12 jobs go first/],
  ['queue paused', /“default” is paused/],
  ['over 5,000 ahead', /^More than 5,000 jobs go first/],
  ['scheduled for 2026-01-31T08:00:00Z', /^It is scheduled for .*2026/],
  ['waits for 1 job', /^It starts when another job has finished/],
  ['waits for 3 jobs', /^It starts when 3 other jobs have finished/],
  ['waiting to retry', /Attempt 1 failed: The site is down\. It is tried again/],
  ['no worker for this service', /No worker/],
  ['the moon is new', /^It waits: the moon is new\.$/],
  [null, /waits for its turn/],
])('a job that waits for %j says so in a sentence', (waitReason, text) => {
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
        reason: 'permanent error',
        errorCode: 'X',
        errorMessage: 'No.',
      },
      { seq: 5, createdAt, attempt: 1, to: 'completed', reason: 'completed' },
      { seq: 9, createdAt, attempt: 1, to: 'cancelled', reason: 'cancelled by owner' },
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
