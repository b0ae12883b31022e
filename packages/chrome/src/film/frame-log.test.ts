import { expect, test } from 'vitest';

import { FrameLog } from './frame-log.ts';

const frame = (at: number, picture: string, page = 1) => ({ at, page, jpeg: Buffer.from(picture) });
const seen = ({ frames }: FrameLog) => frames.map(({ at }) => at);

test('of each half second the last picture is kept', () => {
  const log = new FrameLog({ stretchMs: 500, maxBytes: 1_000 });
  for (const at of [0, 100, 499, 500, 999, 1_700]) log.add(frame(at, String(at)));
  expect(seen(log)).toEqual([499, 999, 1_700]);
});

test('the same picture again is not kept, unless it is of another page', () => {
  const log = new FrameLog({ stretchMs: 500, maxBytes: 1_000 });
  log.add(frame(0, 'same'));
  log.add(frame(600, 'same'));
  log.add(frame(1_200, 'same', 2));
  expect(seen(log)).toEqual([0, 1_200]);
});

test('what was seen just before a mark stays', () => {
  const log = new FrameLog({ stretchMs: 500, maxBytes: 1_000 });
  log.add(frame(100, 'before'));
  log.mark(150);
  log.add(frame(200, 'after'));
  log.add(frame(300, 'later'));
  expect(seen(log)).toEqual([100, 300]);
});

test('a long run is thinned out to what it may weigh, and is there from end to end', () => {
  const log = new FrameLog({ stretchMs: 500, maxBytes: 10_000 });
  for (let at = 0; at < 3_600_000; at += 250) {
    log.mark(at);
    log.add(frame(at, `${at} ${'x'.repeat(80)}`));
  }
  const bytes = log.frames.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
  expect(bytes).toBeLessThanOrEqual(10_000);
  expect(bytes).toBeGreaterThan(4_000);
  expect(seen(log).at(0)).toBeLessThan(200_000);
  expect(seen(log).at(-1)).toBe(3_599_750);
});
