import { expect, test } from 'vitest';

import type { WaitReason } from './api-values.ts';
import { describeWaitReason } from './describe-wait-reason.ts';

const WORDS: [WaitReason, string][] = [
  [{ code: 'next' }, 'next'],
  [{ code: 'ahead', count: 2, isMore: false }, '2 ahead'],
  [{ code: 'ahead', count: 5_000, isMore: true }, 'over 5,000 ahead'],
  [{ code: 'queue_paused' }, 'queue paused'],
  [{ code: 'no_worker' }, 'no worker for this service'],
  [{ code: 'blocked', jobs: 1 }, 'waits for 1 job'],
  [{ code: 'blocked', jobs: 3 }, 'waits for 3 jobs'],
  [{ code: 'scheduled', runAt: '2026-01-31T08:00:00.000Z' }, 'scheduled for 2026-01-31T08:00:00Z'],
  [{ code: 'retry', runAt: '2026-01-31T08:00:00.000Z' }, 'waiting to retry'],
];

test.each(WORDS)('%j is said as “%s”', (reason, words) => {
  expect(describeWaitReason(reason)).toBe(words);
});
