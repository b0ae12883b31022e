import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readSheet } from 'read-excel-file/node';
import { expect, test } from 'vitest';

import { keepResults, type ResultsTable } from './results-files.ts';

/** What a program reads from the two files of a table. */
async function roundTrip(
  table: ResultsTable,
): Promise<{ csv: string[][]; xlsx: string[][]; lines: string[] }> {
  const files = new Map<string, Uint8Array>();
  await keepResults(
    {
      async artifact({ name, body }) {
        files.set(name, body);
      },
    },
    table,
  );
  const workbook = await readSheet(Buffer.from(files.get('results.xlsx') ?? []), { trim: false });
  return {
    lines: Buffer.from(files.get('results.csv') ?? [])
      .toString()
      .slice(1)
      .split(/\r\n|[\r\n]/),
    csv: parse(Buffer.from(files.get('results.csv') ?? []), { bom: true }),
    xlsx: workbook.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell)))),
  };
}

const TRIGGERS = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

test('texts come back as they were', async () => {
  const rows = [
    ['CSQU3054383', '0012', '1E5'],
    ['a, "b"', 'ঢাকা 🚢', '12345678901234567890'],
    ['31/12/2026', 'two\nlines', '<b>&amp;</b>'],
  ];
  const { csv, xlsx } = await roundTrip({ headers: ['A', 'B', 'C'], rows });
  expect(csv).toEqual([['A', 'B', 'C'], ...rows]);
  expect(xlsx).toEqual(csv);
});

test('texts that mean something to JavaScript do no harm', async () => {
  const row = ['constructor', '__proto__', 'toString'];
  const { csv, xlsx } = await roundTrip({ headers: ['A', 'B', 'C'], rows: [row] });
  expect(csv[1]).toEqual(row);
  expect(xlsx[1]?.map((text) => text.trim())).toEqual(row);
});

test('a table without rows, and one without columns of its own, is a file too', async () => {
  expect((await roundTrip({ headers: ['A'], rows: [] })).csv).toEqual([['A']]);
});

for (const text of ["=cmd|'/c calc'!A1", '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '\n=1']) {
  test(`${JSON.stringify(text)} is shown, not run`, async () => {
    const { csv, xlsx } = await roundTrip({ headers: ['A'], rows: [[text]] });
    expect(csv[1]?.[0]).toMatch(/^'/);
    expect(xlsx[1]?.[0]).toMatch(/^'/);
  });
}

for (const delimiter of [';', '\t']) {
  test(`no cell begins like a formula for a program that splits at ${JSON.stringify(delimiter)}`, async () => {
    const rows = ['x;=1+1;y', 'x\t@SUM(A1)', 'x\n=1', 'x\r\n-1', '=1;=2'].map((text) => ['a', text]);
    const { lines } = await roundTrip({ headers: ['A', 'B'], rows });
    const cells = lines.flatMap((line) => line.split(delimiter)).map((cell) => cell.replace(/^"/, ''));
    expect(cells.filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
  });
}

for (const text of ['\u0001\t', '\0=1', '\uFFFE+1', '\u{10FFFE}=1', '\u001F\u000B@SUM(A1)']) {
  test(`${JSON.stringify(text)}, which a workbook keeps without its first characters, is shown, not run`, async () => {
    const { xlsx } = await roundTrip({ headers: ['A'], rows: [[text]] });
    expect(xlsx[1]?.[0]).toMatch(/^'/);
  });
}

test('no cell of any table begins like a formula, in either file', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .tuple(fc.constantFrom(...TRIGGERS), fc.string({ unit: 'binary', maxLength: 5 }))
      .map((it) => it.join('')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 2, maxLength: 2 }), async (row) => {
      const { csv, xlsx } = await roundTrip({ headers: ['A', 'B'], rows: [row] });
      expect(csv[1]).toHaveLength(2);
      for (const text of [...csv, ...xlsx].flat()) expect(TRIGGERS).not.toContain(text.charAt(0));
    }),
    { numRuns: 25 },
  );
});
