import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';

import { formatClock } from './format-clock.ts';
import { indexAt } from './index-at.ts';
import { readTrace } from './read-trace.ts';

const JSON_FILE = {
  version: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 9_000,
  frames: [
    { atMs: 0, page: 1, file: 'frames/1.jpg' },
    { atMs: 10, page: 1, file: 'frames/lost.jpg' },
  ],
  entries: [
    { atMs: 1, type: 'step', name: 'Opening' },
    { atMs: 2, type: 'console', page: 1, level: 'log', message: 'hello' },
    { atMs: 3, type: 'row', index: 0, key: 'k', status: 'completed', message: null },
  ],
};
const zip = (json: object) =>
  zipSync({ 'trace.json': strToU8(JSON.stringify(json)), 'frames/1.jpg': strToU8('picture') });

test('a trace is read: pictures that are there, marks, and lines', async () => {
  const trace = readTrace(zip(JSON_FILE));
  expect(await Promise.all(trace.frames.map(({ jpeg }) => jpeg.text()))).toEqual(['picture']);
  expect(trace.marks.map(({ type }) => type)).toEqual(['step', 'row']);
  expect(trace.lines).toMatchObject([{ message: 'hello' }]);
});

test('what is no trace, or one of a later version, is refused', () => {
  expect(() => readTrace(zipSync({ 'a.txt': strToU8('a') }))).toThrow('not a trace');
  expect(() => readTrace(zip(JSON_FILE).subarray(0, 100))).toThrow('not a trace');
  expect(() => readTrace(zip({ version: 1 }))).toThrow('not a trace');
  expect(() => readTrace(zip({ ...JSON_FILE, version: 2 }))).toThrow('later version');
});

test.for([
  [-1, -1],
  [0, 0],
  [4, 0],
  [5, 2],
  [100, 3],
] as const)('at %i the entry %i is the last', ([atMs, index]) => {
  expect(indexAt([{ atMs: 0 }, { atMs: 5 }, { atMs: 5 }, { atMs: 9 }], atMs)).toBe(index);
});

test('positions are minutes, seconds and tenths', () => {
  expect([0, 7_390, 760_000].map(formatClock)).toEqual(['0:00.0', '0:07.3', '12:40.0']);
});
