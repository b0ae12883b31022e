import { describe, expect, test } from 'vitest';

import { count } from './count.ts';
import { formatBytes } from './format-bytes.ts';
import { formatDuration } from './format-duration.ts';

describe('what people read', () => {
  test.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [12_400, '12 s'],
    [59_700, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [604_800_000, '7 d'],
  ])('a period of %i ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1 KB'],
    [4_230, '4.2 KB'],
    [20_000_000, '20 MB'],
    [123_456_789, '123 MB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('a number agrees with its noun', () => {
    expect([count(1, 'row'), count(1_204, 'row'), count(2, 'is', 'are')]).toEqual([
      '1 row',
      '1,204 rows',
      '2 are',
    ]);
  });
});
