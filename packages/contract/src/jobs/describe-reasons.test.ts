import { expect, test } from 'vitest';

import { describeJobError, describeStatusReason, describeWaitReason, type WaitReason } from '../index.ts';

test.each<[WaitReason, string]>([
  [{ code: 'next' }, 'next'],
  [{ code: 'ahead', count: 2 }, '2 ahead'],
  [{ code: 'more_ahead', count: 5_000 }, 'over 5,000 ahead'],
  [{ code: 'queue_paused' }, 'queue paused'],
  [{ code: 'no_worker' }, 'no worker for this service'],
  [{ code: 'blocked', count: 1 }, 'waits for 1 job'],
  [{ code: 'blocked', count: 3 }, 'waits for 3 jobs'],
  [{ code: 'scheduled', at: '2026-01-31T08:00:00Z' }, 'scheduled for 2026-01-31T08:00:00Z'],
  [{ code: 'retrying', at: '2026-01-31T08:00:00Z' }, 'waiting to retry'],
])('a job that waits because of %j: %s', (reason, text) => {
  expect(describeWaitReason(reason)).toBe(text);
});

test('every loss of a worker has the same short text, and a sentence of its own as an error', () => {
  const losses = [
    { code: 'worker_lost' },
    { code: 'worker_lost_last_attempt' },
    { code: 'worker_lost_repeatedly', times: 3 },
  ] as const;
  expect(new Set(losses.map(describeStatusReason))).toEqual(new Set(['worker lost']));
  const sentences = losses.map((reason) => describeJobError('WORKER_LOST', reason));
  expect(new Set(sentences).size).toBe(3);
  expect(sentences[2]).toContain('3 times');
});

test('a lost worker stays the error of a job that is cancelled afterwards', () => {
  expect(describeJobError('WORKER_LOST', { code: 'cancelled_by_owner' })).toBe(
    'The worker that ran this job died or stopped answering.',
  );
});
