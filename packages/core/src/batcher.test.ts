import { expect, test } from 'vitest';

import { Batcher } from './batcher.ts';
import { GantryError } from './errors.ts';

/** Batches that end when told to. */
function createGate() {
  const batches: {
    items: number[];
    end: (result: (number | GantryError)[]) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const run = (items: number[]) =>
    new Promise<(number | GantryError)[]>((resolve, reject) =>
      batches.push({ items, end: resolve, fail: reject }),
    );
  return { batches, run };
}

test('a call that comes alone goes at once, those that come meanwhile go together', async () => {
  const { batches, run } = createGate();
  const batcher = new Batcher({ run, maxSize: 2, maxUnderWay: 1 });
  const answers = [1, 2, 3, 4].map((n) => batcher.add(n));
  expect(batches.map(({ items }) => items)).toEqual([[1]]);
  batches[0]?.end([10]);
  expect(await answers[0]).toBe(10);
  await expect.poll(() => batches.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  batches[1]?.end([20, 30]);
  expect(await Promise.all(answers.slice(1, 3))).toEqual([20, 30]);
  await expect.poll(() => batches.map(({ items }) => items)).toEqual([[1], [2, 3], [4]]);
  batches[2]?.end([40]);
  expect(await answers[3]).toBe(40);
});

test('what is refused of one is refused to it alone', async () => {
  const { batches, run } = createGate();
  const batcher = new Batcher({ run, maxSize: 10, maxUnderWay: 1 });
  const first = batcher.add(1);
  const [good, bad] = [batcher.add(2), batcher.add(3)];
  batches[0]?.end([1]);
  await first;
  await expect.poll(() => batches.length).toBe(2);
  batches[1]?.end([2, new GantryError('SERVICE_NOT_FOUND', 'There is no such service.')]);
  expect(await good).toBe(2);
  await expect(bad).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
});

test('one value that cannot be stored spoils nobody else’s call', async () => {
  const batcher = new Batcher({
    maxSize: 10,
    maxUnderWay: 1,
    run: (items: number[]) =>
      items.includes(13)
        ? Promise.reject(new GantryError('VALUE_INVALID', 'A value is malformed.'))
        : Promise.resolve(items),
  });
  const answers = await Promise.allSettled([1, 12, 13, 14].map((n) => batcher.add(n)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('a failure of the whole is everybody’s, and the next call tries again', async () => {
  let failures = 1;
  const batcher = new Batcher({
    maxSize: 10,
    run: (items: number[]) => (failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(items)),
  });
  await expect(batcher.add(1)).rejects.toThrow('away');
  expect(await batcher.add(2)).toBe(2);
});
