import { expect, test } from 'vitest';

import { UserTurns } from './user-turns.ts';

/** Turns whose tasks end when the test says so. */
function openTurns(max: number) {
  const turns = new UserTurns(max);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const never = new AbortController().signal;
  return {
    started,
    add: (name: string, signal = never) =>
      turns.run(name.slice(0, 1), signal, () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    end: async (name: string) => {
      await new Promise(setImmediate);
      ends.get(name)?.();
      // The turn passes on in microtasks.
      await new Promise(setImmediate);
    },
  };
}

test('a user with many tasks has one running, and the others have the rest', async () => {
  const { add, started } = openTurns(3);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) void add(name);
  await new Promise(setImmediate);
  expect(started).toEqual(['a1', 'b1', 'c1']);
});

test('users take turns, and each has its own tasks in order', async () => {
  const { add, end, started } = openTurns(1);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) void add(name);
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(name);
  expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('a user who adds tasks while one is running does not go before one who waits', async () => {
  const { add, end, started } = openTurns(1);
  void add('a1');
  await new Promise(setImmediate);
  for (const name of ['a2', 'b1']) void add(name);
  await end('a1');
  expect(started).toEqual(['a1', 'b1']);
});

test('an aborted task leaves the line, and one that fails passes the turn on', async () => {
  const turns = new UserTurns(1);
  const { add, end, started } = openTurns(1);
  const gone = new AbortController();
  void add('a1');
  const left = add('a2', gone.signal);
  void add('a3');
  gone.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await expect(add('a4', gone.signal)).rejects.toThrow('gone');
  await end('a1');
  expect(started).toEqual(['a1', 'a3']);

  const { signal } = new AbortController();
  await expect(turns.run('a', signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await turns.run('a', signal, async () => 'next')).toBe('next');
});
