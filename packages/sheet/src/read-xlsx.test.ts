import fc from 'fast-check';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';

import { type FileSpec, readSheet, SheetError } from './index.ts';

const SPEC: FileSpec = {
  required: true,
  formats: ['csv', 'xlsx'],
  maxBytes: 10_000_000,
  maxRows: 1000,
  keyColumn: 'container',
  columns: [{ key: 'container', label: 'Container', aliases: [], format: 'iso6346', required: true }],
};
const A = 'CSQU3054383';

const codeOf = (bytes: Uint8Array) =>
  readSheet(bytes, SPEC).then(
    () => 'accepted',
    (error: unknown) => (error instanceof SheetError ? error.code : error),
  );

/** The parts of a workbook whose sheet has these rows, as XML. */
function parts(rows: string): Record<string, Uint8Array> {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const rels = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  return {
    'xl/workbook.xml': strToU8(
      `<workbook xmlns="${main}" xmlns:r="${rels}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    ),
    'xl/worksheets/sheet1.xml': strToU8(
      `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
    ),
  };
}

const text = (reference: string, value: string) =>
  `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`;
const LIST = `<row r="1">${text('A1', 'Container')}</row><row r="2">${text('A2', A)}</row>`;
const workbook = (rows: string, more: Zippable = {}) => zipSync({ ...parts(rows), ...more });

/** A copy with some bytes changed after the last occurrence of a signature. */
function tamper(bytes: Uint8Array, signature: number[], offset: number, values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Buffer.from(copy).lastIndexOf(Buffer.from(signature));
  copy.set(values, at + offset);
  return copy;
}
const DIRECTORY_ENTRY = [0x50, 0x4b, 1, 2];

describe('an Excel workbook', () => {
  test('is read', async () => {
    expect((await readSheet(workbook(LIST), SPEC)).rows.map((row) => row.key)).toEqual([A]);
  });
  test('gives the line that a person sees, though rows above are empty', async () => {
    const rows = `<row r="3">${text('B3', 'Container')}</row><row r="7">${text('B7', A)}</row>`;
    expect((await readSheet(workbook(rows), SPEC)).rows.map((row) => row.line)).toEqual([7]);
  });
  test('keeps the digits of long numbers', async () => {
    const rows = `<row r="1">${text('A1', 'Container')}${text('B1', 'Ref')}</row>
      <row r="2">${text('A2', A)}<c r="B2"><v>12345678901234567890</v></c></row>`;
    expect((await readSheet(workbook(rows), SPEC)).rows[0]?.cells).toEqual([A, '12345678901234567890']);
  });
  test('gives what is stored beside a formula, and works nothing out', async () => {
    const rows = `<row r="1">${text('A1', 'Container')}${text('B1', 'x')}</row>
      <row r="2">${text('A2', A)}<c r="B2" t="str"><f>WEBSERVICE("http://evil.example")</f><v>kept</v></c></row>
      <row r="3">${text('A3', 'CRSU1274363')}<c r="B3"><f>1+1</f></c></row>`;
    const sheet = await readSheet(workbook(rows), SPEC);
    expect(sheet.rows.map((row) => row.cells[1])).toEqual(['kept', '']);
  });
  test('of a real program is read, dates and all', async () => {
    const bytes = await writeXlsxFile([
      [{ value: 'Container' }, { value: 'When' }],
      [{ value: A }, { value: new Date('2026-03-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' }],
    ]).toBuffer();
    expect((await readSheet(bytes, SPEC)).rows[0]?.cells).toEqual([A, '2026-03-01']);
  });
  test('may have formats without data down to the last row and column', async () => {
    const rows = `${LIST}<row r="1048576" ht="12"><c r="XFD1048576" s="0"/></row>`;
    expect(await codeOf(workbook(rows))).toBe('accepted');
  });
});

const refused: Record<string, [Uint8Array, string]> = {
  'is some other zip': [zipSync({ 'a.txt': strToU8('hello') }), 'FILE_TYPE_UNSUPPORTED'],
  'has macros': [workbook(LIST, { 'xl/vbaProject.bin': strToU8('x') }), 'FILE_TYPE_UNSUPPORTED'],
  'unpacks to a hundred times its size': [
    workbook(LIST, { 'xl/media/a.xml': new Uint8Array(20_000_000) }),
    'FILE_TOO_LARGE',
  ],
  'has a thousand parts': [
    workbook(
      LIST,
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`xl/${i}.xml`, strToU8('<x/>')])),
    ),
    'FILE_TOO_LARGE',
  ],
  'is cut off': [workbook(LIST).subarray(0, -30), 'FILE_MALFORMED'],
  'has a wrong checksum': [tamper(workbook(LIST), DIRECTORY_ENTRY, 16, [1, 2, 3, 4]), 'FILE_MALFORMED'],
  'is encrypted': [tamper(workbook(LIST), DIRECTORY_ENTRY, 8, [1]), 'FILE_MALFORMED'],
  'has one part twice, in other case': [
    workbook(LIST, { 'XL/Workbook.xml': strToU8('<x/>') }),
    'FILE_MALFORMED',
  ],
  'has parts outside the archive': [
    tamper(workbook(LIST), DIRECTORY_ENTRY, 42, [0xff, 0xff, 0xff, 0x7f]),
    'FILE_MALFORMED',
  ],
  'is an old or a protected one': [
    new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    'FILE_TYPE_UNSUPPORTED',
  ],
  'has a row that does not exist': [workbook(`${LIST}<row r="4000000000"/>`), 'FILE_MALFORMED'],
  'has a row number in disguise': [workbook(`${LIST}<row r="9e9"/>`), 'FILE_MALFORMED'],
  'has a cell in the last row of all': [
    workbook(`${LIST}<row r="1048576">${text('A1048576', 'x')}</row>`),
    'TOO_MANY_ROWS',
  ],
  'has a cell in the last column of all': [
    workbook(`<row r="1">${text('A1', 'Container')}${text('XFD1', 'x')}</row>`),
    'FILE_MALFORMED',
  ],
  'has a cell in no column': [
    workbook(`${LIST}<row r="3"><x:c x:r="ZZZZZZZZ3"><v>1</v></x:c></row>`),
    'FILE_MALFORMED',
  ],
  'is no XML inside': [workbook('<row r="1"><c r="A1"'), 'FILE_MALFORMED'],
  'has no rows': [workbook(''), 'NO_ROWS'],
  'has a header only': [workbook(`<row r="1">${text('A1', 'Container')}</row>`), 'NO_ROWS'],
};
for (const [how, [bytes, code]] of Object.entries(refused)) {
  test(`a workbook that ${how} is refused: ${code}`, async () => expect(await codeOf(bytes)).toBe(code));
}

test('a size that the directory makes up is not believed', async () => {
  const claimed = tamper(workbook(LIST), DIRECTORY_ENTRY, 24, [0xff, 0xff, 0xff, 0x7f]);
  expect(await codeOf(claimed)).toBe('accepted');
});

test('a workbook with any bytes changed is read or refused with a typed error', async () => {
  const whole = workbook(LIST);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        expect(await codeOf(bytes)).toEqual(expect.any(String));
      },
    ),
  );
});

test('any XML in the sheet is read or refused with a typed error', async () => {
  const piece = fc.constantFrom(
    '<row r="1">',
    '</row>',
    '<c r="A1">',
    '<c r="B1" t="s">',
    '<c r="A2" t="e">',
    '<c>',
    '</c>',
    '<v>1</v>',
    '<v>x</v>',
    '<is><t>Container</t></is>',
    '&amp;',
    '<![CDATA[x]]>',
    '<',
    '>',
    '"',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      expect(await codeOf(workbook(pieces.join('')))).toEqual(expect.any(String));
    }),
  );
});
