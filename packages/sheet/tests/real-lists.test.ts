import { readFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { A, B, C, codeOf, D, linesOf, read } from './list-spec.ts';

const open = async (name: string) =>
  new Uint8Array(await readFile(new URL(`inputs/${name}`, import.meta.url)));

const TWO_ROWS = [`2 ${A}`, `3 ${B}`];

describe('a list as people have it', () => {
  const lists: Record<string, string[]> = {
    'semicolons-windows-1252.csv': TWO_ROWS,
    'equals-quoted.csv': TWO_ROWS,
    'leading-apostrophe.csv': TWO_ROWS,
    'inch-mark.csv': TWO_ROWS,
    'utf-16le-without-bom.csv': TWO_ROWS,
    'zero-width.csv': [...TWO_ROWS, `4 ${C}`, `5 ${D}`],
    'soft-hyphen-minus.csv': [...TWO_ROWS, `4 ${C}`],
    'size-column-called-container.csv': TWO_ROWS,
    'two-header-rows.csv': [`3 ${A}`, `4 ${B}`],
    'prefix-and-number.csv': TWO_ROWS,
    'several-in-cell.csv': [`2 ${A}`, `2 ${B}`, `3 ${C}`, `3 ${D}`],
    'title-and-unknown-header.csv': [`4 ${A}`, `5 ${B}`],
    'title-lines.csv': ['07', '12', '28', '33', '49', '54'].map((end, row) => `${row + 4} FLDU42000${end}`),
    'ctrl-z-and-total.csv': TWO_ROWS,
    'zip64-directory.xlsx': TWO_ROWS,
    'no-references.xlsx': TWO_ROWS,
    'formulas-without-values.xlsx': ['2 !FORMULA_NOT_STORED', '3 !FORMULA_NOT_STORED'],
    'formulas-partly-stored.xlsx': [`2 ${A}`, '3 !FORMULA_NOT_STORED'],
    'cover-first.xlsx': TWO_ROWS,
    'hidden-first.xlsx': TWO_ROWS,
    'hidden-old-list-first.xlsx': TWO_ROWS,
    'chart-first.xlsx': TWO_ROWS,
    'merged-header.xlsx': [`3 ${A}`, `4 ${B}`],
    'cdata.xlsx': TWO_ROWS,
    'cdata-in-one-row.xlsx': TWO_ROWS,
    'backslash-names.xlsx': TWO_ROWS,
    'xlsxwriter.xlsx': [...TWO_ROWS, '4 !FORMULA_NOT_STORED', `5 ${D}`],
    'openpyxl.xlsx': [`2 ${A}`, '3 !FORMULA_NOT_STORED'],
    'streamed-zip64.xlsx': [`2 ${A}`, '3 !FORMULA_NOT_STORED'],
  };
  for (const [name, lines] of Object.entries(lists)) {
    test(`${name} is read`, async () => expect(await linesOf(await open(name))).toEqual(lines));
  }

  const cells: Record<string, string[][]> = {
    'semicolons-windows-1252.csv': [
      [A, 'Kühlschränke, Herde, Ersatzteile'],
      [B, 'Möbel, Lampen, Teppiche'],
    ],
    'equals-quoted.csv': [
      [A, '12,500'],
      [B, '9,800'],
    ],
    'inch-mark.csv': [
      [A, '40" HC'],
      [B, '20" GP'],
    ],
    'cdata.xlsx': [
      [A, 'a & b'],
      [B, 'a & b'],
    ],
    'xlsxwriter.xlsx': [
      [A, '2026-12-01', '2026-12-01 10:30:00', '0012345', '18:00:00', 'TRUE', '#N/A', '0.3', 'a bold word'],
      [B, '2026-12-02', '2026-12-02 10:30:00', '0024690', '18:00:00', 'FALSE', '#N/A', '0.3', 'a bold word'],
    ],
  };
  for (const [name, rows] of Object.entries(cells)) {
    test(`the cells of ${name} are what a person sees`, async () => {
      const sheet = await read(await open(name));
      expect(sheet.rows.slice(0, 2).map((row) => row.cells)).toEqual(rows);
    });
  }

  const headers: Record<string, string> = {
    'two-header-rows.csv': 'Number',
    'merged-header.xlsx': 'No.',
    'title-lines.csv': 'Unit Nbr',
    'size-column-called-container.csv': 'Container No',
    'prefix-and-number.csv': 'Prefix + Number',
  };
  for (const [name, header] of Object.entries(headers)) {
    test(`the numbers of ${name} are found under “${header}”`, async () => {
      expect((await read(await open(name))).columns[0]).toMatchObject({ key: 'container', header });
    });
  }

  const sheets: Record<string, { name: string; others: string[]; hiddenRows: number } | null> = {
    'cover-first.xlsx': { name: 'Containers', others: [], hiddenRows: 0 },
    'hidden-old-list-first.xlsx': { name: 'now', others: [], hiddenRows: 0 },
    'openpyxl.xlsx': { name: 'Boxes', others: ['Spare'], hiddenRows: 0 },
    'inch-mark.csv': null,
  };
  for (const [name, sheet] of Object.entries(sheets)) {
    test(`the sheet of ${name} is named`, async () => {
      expect((await read(await open(name))).sheet).toEqual(sheet);
    });
  }

  test('a formula without its value says what to do', async () => {
    const name = 'formulas-without-values.xlsx';
    const sheet = await read(await open(name));
    expect(sheet.rows[1]?.problem?.message).toContain(
      'Open the file in Excel, save it, and submit it again.',
    );
    expect(await codeOf(await open(name))).toBe('NO_VALID_ROWS');
  });

  test('Excel 2003 XML is refused as what it is', async () => {
    await expect(read(await open('excel-2003.xml'))).rejects.toMatchObject({
      code: 'FILE_TYPE_UNSUPPORTED',
      message: expect.stringMatching(/Excel 2003 XML.*save it as \.xlsx/),
    });
  });
});
