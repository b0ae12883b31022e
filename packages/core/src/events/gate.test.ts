import { expect, test } from 'vitest';

import { Gate } from './gate.ts';

test('lets so many through at a time, in the order in which they came, and those after a failure too', async () => {
  const gate = new Gate(2);
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const begun: number[] = [];
  const runs = ends.map(({ promise }, index) =>
    gate.run(() => {
      begun.push(index);
      return promise;
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error('broken'));
  await expect(runs[1]).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1, 2]);
  for (const [index, end] of ends.entries()) end.resolve(index);
  expect(await Promise.all([runs[0], runs[2], runs[3], runs[4]])).toEqual([0, 2, 3, 4]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(await gate.run(async () => 'free again')).toBe('free again');
});
