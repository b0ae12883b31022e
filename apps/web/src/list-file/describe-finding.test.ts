import { type FileSpec, readSheet } from '@gantry/sheet';
import { expect, test } from 'vitest';

import { describeFinding } from './describe-finding.ts';

const SPEC: FileSpec = {
  required: true,
  formats: ['csv'],
  maxBytes: 10_000,
  maxRows: 100,
  keyColumn: 'container',
  columns: [{ key: 'container', label: 'Container number', aliases: [], format: 'iso6346', required: true }],
};
const read = async (lines: string[]) =>
  describeFinding(await readSheet(new TextEncoder().encode(`${lines.join('\n')}\n`), SPEC));

test('the column that was taken is named, and so is another that could be meant', async () => {
  const { taken, doubts } = await read([
    'Ref,Old box,Container number',
    '1,CRSU1274363,CSQU3054383',
    '2,TCLU1432748,CRSU1591120',
  ]);
  expect(taken).toEqual(['Container number: column C, “Container number”.']);
  expect(doubts).toEqual([
    'Column B, “Old box”, has such values too. To use it, remove column C from the file.',
  ]);
});

test('lists beside each other are taken together', async () => {
  const { taken, doubts } = await read([
    'Container number,Size,Container number',
    'CRSU1274363,40,CSQU3054383',
  ]);
  expect([taken, doubts]).toEqual([['Container number: columns A, C, “Container number”.'], []]);
});

test('a file without another candidate leaves no doubt', async () => {
  const { doubts, remarks } = await read(['Container number', 'CRSU1274363', 'CRSU1274363', 'CRSU1274360']);
  expect(doubts).toEqual([]);
  expect(remarks).toEqual([
    '1 row is wrong and will be reported back without opening a page.',
    '1 row repeats an earlier one and will be looked up once.',
  ]);
});
