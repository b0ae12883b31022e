import { expect, test } from 'vitest';

import { LiveTurn } from './live-turn.ts';

/** A window of a running job. */
class TestWindow implements Disposable {
  hasTurn = false;
  readonly turn: LiveTurn;

  constructor() {
    this.turn = new LiveTurn((isOurs) => {
      this.hasTurn = isOurs;
    });
  }

  [Symbol.dispose](): void {
    this.turn[Symbol.dispose]();
  }
}

async function openWindow({ wants = true } = {}): Promise<TestWindow> {
  await nextMillisecond();
  const window = new TestWindow();
  window.turn.want(wants);
  return window;
}

/** Windows that are used in the same one come in any order. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(now);
}

const turnsOf = (...windows: TestWindow[]) => windows.map(({ hasTurn }) => hasTurn);

test('of up to two windows each has its turn', async () => {
  using one = await openWindow();
  using two = await openWindow();
  using aside = await openWindow({ wants: false });
  await expect.poll(() => turnsOf(one, two)).toEqual([true, true]);
  aside.turn.leave();
  await expect.poll(() => turnsOf(one, two)).toEqual([true, true]);
});

test('the more windows there are, the fewer have a turn: those used last, and always one', async () => {
  using one = await openWindow();
  using two = await openWindow();
  using three = await openWindow();
  await expect.poll(() => turnsOf(one, two, three)).toEqual([false, true, true]);
  using four = await openWindow();
  await expect.poll(() => turnsOf(one, two, three, four)).toEqual([false, false, false, true]);
  await nextMillisecond();
  one.turn.use();
  await expect.poll(() => turnsOf(one, two, three, four)).toEqual([true, false, false, false]);
  using five = await openWindow();
  await expect.poll(() => turnsOf(one, two, three, four, five)).toEqual([false, false, false, false, true]);
});

test('of windows that are used at the same time one has its turn', async () => {
  await nextMillisecond();
  using stack = new DisposableStack();
  const windows = Array.from({ length: 5 }, () => stack.use(new TestWindow()));
  for (const { turn } of windows) turn.want(true);
  await expect.poll(() => turnsOf(...windows).filter(Boolean)).toEqual([true]);
});

test('a window that is closed leaves its turn to the ones used before', async () => {
  using one = await openWindow();
  using two = await openWindow();
  using three = await openWindow();
  using four = await openWindow();
  await expect.poll(() => turnsOf(one, two, three, four)).toEqual([false, false, false, true]);
  four.turn.leave();
  await expect.poll(() => turnsOf(one, two, three)).toEqual([false, true, true]);
});

test('a window that wants no pictures takes no turn, but keeps a connection', async () => {
  using one = await openWindow();
  using two = await openWindow();
  using three = await openWindow({ wants: false });
  using four = await openWindow();
  await expect.poll(() => turnsOf(one, two, four)).toEqual([false, false, true]);
  four.turn.want(false);
  await expect.poll(() => turnsOf(one, two)).toEqual([false, true]);
  three.turn.want(true);
  await expect.poll(() => turnsOf(one, two, three)).toEqual([false, false, true]);
});
