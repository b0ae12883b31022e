import { expect, test } from 'vitest';

import { describeWait, describeWaitTime } from './describe-wait.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [0, 0, 'a few seconds'],
  [0, 4_900, 'a few seconds'],
  [0, 12_000, 'up to 10 s'],
  [21_000, 38_000, 'about 20–40 s'],
  [30_000, 30_000, 'about 30 s'],
  [10_000, 3 * MINUTE, 'up to 3 min'],
  [52_000, 56_000, 'about 1 min'],
  [3 * MINUTE, 5 * MINUTE, 'about 3–5 min'],
  [80 * MINUTE, 85 * MINUTE, 'about 80–85 min'],
  [80 * MINUTE, 3 * HOUR, 'about 1–3 h'],
  [30 * HOUR, 50 * HOUR, 'about 1–2 d'],
  [4 * HOUR, null, 'more than 4 h'],
  [100, null, 'more than 5 s'],
])('a wait of %j to %j ms is "%s"', (p50Ms, p90Ms, text) => {
  expect(describeWaitTime({ estimatedWaitRange: { p50Ms, p90Ms } })).toBe(text);
});

test('the line says how long and why, as far as either is known', () => {
  const estimatedWaitRange = { p50Ms: 3 * MINUTE, p90Ms: 5 * MINUTE };
  expect(describeWait({ estimatedWaitRange, wait: { code: 'ahead', count: 2 } })).toBe(
    'about 3–5 min · 2 ahead',
  );
  expect(describeWait({ estimatedWaitRange: null, wait: { code: 'queue_paused' } })).toBe('queue paused');
  expect(describeWait({ estimatedWaitRange: null, wait: null })).toBe('waits for its turn');
});
