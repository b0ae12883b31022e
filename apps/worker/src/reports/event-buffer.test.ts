import type { NewJobEvent } from '@gantry/core';
import { expect, test } from 'vitest';

import { EventBuffer } from './event-buffer.ts';

const row = (index: number): NewJobEvent => ({
  type: 'row',
  data: { index, key: `k${index}`, status: 'completed', data: {}, error: null },
});
const log = (message: string): NewJobEvent => ({ type: 'log', data: { level: 'info', message } });

/** A buffer whose writes are remembered, and held back until `release` is called. */
function createBuffer() {
  const batches: NewJobEvent[][] = [];
  const gate = Promise.withResolvers<void>();
  const buffer = new EventBuffer(async (batch) => {
    await gate.promise;
    batches.push(batch);
  });
  return { buffer, batches, release: () => gate.resolve(), fail: (error: Error) => gate.reject(error) };
}

test('a row is kept when its promise resolves, and with it all that was said before', async () => {
  const { buffer, batches, release } = createBuffer();
  release();
  buffer.add(log('before'));
  await buffer.addAndFlush(row(0));
  expect(batches.flat()).toEqual([log('before'), row(0)]);
});

test('of progress reports in a row the last is written', async () => {
  const { buffer, batches, release } = createBuffer();
  release();
  for (const done of [1, 2, 3]) buffer.add({ type: 'progress', data: { done, total: 3 } });
  await buffer.flush();
  expect(batches).toEqual([[{ type: 'progress', data: { done: 3, total: 3 } }]]);
});

test('what comes during a write is written together, after it, in order', async () => {
  const { buffer, batches, release } = createBuffer();
  const rows = Array.from({ length: 250 }, (_, index) => buffer.addAndFlush(row(index)));
  release();
  await Promise.all(rows);
  expect(batches.flat()).toEqual(Array.from({ length: 250 }, (_, index) => row(index)));
  expect(batches.length).toBeLessThan(6);
});

test('without anybody waiting it is written soon', async () => {
  const { buffer, batches, release } = createBuffer();
  release();
  buffer.add(log('alone'));
  await expect.poll(() => batches).toEqual([[log('alone')]]);
});

test('log lines that come faster than they can be kept are left out, and that is said', async () => {
  const { buffer, batches, release } = createBuffer();
  for (let count = 0; count < 5_000; count++) buffer.add(log(`line ${count}`));
  const kept = buffer.addAndFlush(row(0));
  release();
  await kept;
  await buffer.flush();
  const written = batches.flat();
  expect(written.length).toBeLessThan(1_200);
  expect(written).toContainEqual(row(0));
  expect(written).toContainEqual(
    expect.objectContaining({ data: { level: 'warn', message: expect.stringContaining('were left out') } }),
  );
});

test('a write that fails fails everybody who waits, and everybody after', async () => {
  const { buffer, fail } = createBuffer();
  const kept = buffer.addAndFlush(row(0));
  fail(new Error('lost'));
  await expect(kept).rejects.toThrow('lost');
  await expect(buffer.addAndFlush(row(1))).rejects.toThrow('lost');
});
