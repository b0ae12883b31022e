import type { RowResult } from '@gantry/client';
import { expect, test } from 'vitest';

import { rowsCsv } from './rows-csv.ts';

const ROW: RowResult = {
  index: 0,
  line: 2,
  key: 'CRSU1274363',
  status: 'completed',
  data: { yard: 'NCT, "E"', remark: '=1+1', seal: 'x;=1+1' },
  error: null,
};

test('rows are a file that Excel reads: answers in their columns, a problem in words, no formula', async () => {
  const failed: RowResult = {
    ...ROW,
    index: 1,
    line: null,
    key: 'ঢাকা',
    status: 'failed',
    data: {},
    error: { code: 'X', message: 'Not found.' },
  };
  const blob = rowsCsv(
    [ROW, failed],
    [
      { key: 'yard', label: 'Yard', type: 'text' },
      { key: 'remark', label: 'Remark', type: 'text' },
      { key: 'seal', label: 'Seal', type: 'text' },
    ],
  );
  expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await blob.arrayBuffer())).toBe(
    '\uFEFFLine,Row,Status,Yard,Remark,Seal,Problem\r\n' +
      '2,CRSU1274363,completed,"NCT, ""E""",\'=1+1,"x;=1+1",\r\n' +
      '2,ঢাকা,failed,,,,Not found.\r\n',
  );
});
