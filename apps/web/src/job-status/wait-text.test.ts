import type { WaitReason } from '@gantry/client';
import { expect, test } from 'vitest';

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
