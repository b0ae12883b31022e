import { expect, test } from 'vitest';

import { unlessAborted } from './unless-aborted.ts';

test('gives what the promise gives, or the reason of the signal if that comes first', async () => {
  const waiting = new AbortController();
  await expect(unlessAborted(Promise.resolve(1), undefined)).resolves.toBe(1);
  await expect(unlessAborted(Promise.resolve(1), waiting.signal)).resolves.toBe(1);
  const waited = unlessAborted(new Promise(() => {}), waiting.signal);
  waiting.abort(new Error('not wanted'));
  await expect(waited).rejects.toThrow('not wanted');
  await expect(unlessAborted(Promise.resolve(1), waiting.signal)).rejects.toThrow('not wanted');
});

test('a promise that fails when nobody waits any more does not end the process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const late = Promise.withResolvers<never>();
  await expect(unlessAborted(late.promise, AbortSignal.abort(new Error('not wanted')))).rejects.toThrow(
    'not wanted',
  );
  late.reject(new Error('late'));
  // Node looks for such promises between this and the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
