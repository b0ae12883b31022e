import fc from 'fast-check';
import { strToU8 } from 'fflate';
import { describe, expect, test } from 'vitest';

import { SheetError } from '../src/index.ts';
import { codeOf, keysOf, read } from './list-spec.ts';

const A = 'CSQU3054383';
const B = 'CRSU1274363';

const utf16 = (text: string) =>
  new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer);
const utf32 = (text: string) =>
  new Uint8Array(Uint32Array.from(text, (character) => character.charCodeAt(0)).buffer);
const swappedBy = (mask: number, bytes: Uint8Array) => bytes.map((_, at) => bytes[at ^ mask] ?? 0);
const swapped = (bytes: Uint8Array) => swappedBy(1, bytes);

describe('a CSV file', () => {
  const accepted: Record<string, string | Uint8Array> = {
    'with commas': `Container,Note\n${A},x\n${B},y\n`,
    'with semicolons': `Container;Note\n${A};x\n${B};y`,
    'with tabs': `Container\tNote\n${A}\tx\n${B}\ty`,
    'with a byte order mark': `\uFEFFContainer\n${A}\n${B}`,
    'with CRLF': `Container\r\n${A}\r\n${B}\r\n`,
    'with CR alone': `Container\r${A}\r${B}`,
    'with a byte order mark before its sep= line': `\uFEFFsep=;\nContainer;Note\n${A};1,5\n${B};2,5`,
    'with a header of two lines in one cell': `"Container\nNo.",Note\n${A},"x, y\nz"\n${B},y`,
    'with bars': `Container|Note\n${A}|x, y\n${B}|y; z`,
    'with colons': `Container:Size:Port\n${A}:40:CGP\n${B}:20:CGP`,
    'with carets': `Container^Size^Port\n${A}^40^CGP\n${B}^20^CGP`,
    'with times in its cells': `Container,Gate\n${A},10:30\n${B},11:30`,
    'with a sep= line that names another delimiter': `sep=,\nContainer;X\n${A};1\n${B};2`,
    'with columns lined up by spaces': `CONTAINER NO   SIZE  PORT\n------------   ----  ----\n${A}    40HC  Chattogram\n${B}    20GP  Chattogram`,
    'whose first column is called ID': `ID;Port;Container\n1;CGP;${A}\n2;CGP;${B}`,
    'with a sep= line': `sep=^\r\nContainer^Note\r\n${A}^x\r\n${B}^y`,
    'with a delimiter that only some cells have': `Note;Container\na, b, c;${A}\nd, e, f;${B}`,
    'in UTF-16 with a byte order mark': utf16(`\uFEFFContainer\n${A}\n${B}`),
    'in UTF-16BE with a byte order mark': swapped(utf16(`\uFEFFContainer\n${A}\n${B}`)),
    'in UTF-32 with a byte order mark': utf32(`\uFEFFContainer\n${A}\n${B}`),
    'in UTF-32BE with a byte order mark': swappedBy(3, utf32(`\uFEFFContainer\n${A}\n${B}`)),
    'in UTF-16BE without one': swapped(utf16(`Container\n${A}\n${B}`)),
    'in UTF-16 without one, mostly Chinese': utf16(`集装箱,备注\n${A},上海港集装箱码头\n${B},宁波舟山港码头`),
    'with every cell as a formula': `"=""Container""",="Note"\n"=""${A}""","=""1"""\n="${B}",="2"`,
    'with a tick before each number': `Container,Note\n'${A},'1\n\u2019${B},2`,
    'with lone quotation marks': `Note,Container\n5' 6",${A}\n"Big" box 12",${B}`,
    'with quotation marks inside text': `Container,Note\n${A},a"b"c\n${B},""`,
    'with the Ctrl-Z of DOS below': `Container\r\n${A}\r\n${B}\r\n\x1a\x1a\x1a`,
    'filled up with zeros': `Container\r\n${A}\r\n${B}\r\n\x1a${'\0'.repeat(500)}`,
    'in UTF-16 without a byte order mark, filled up with zeros': utf16(
      `Container\n${A}\n${B}${'\0'.repeat(500)}`,
    ),
    'with quoted cells': `"Container","Note"\n"${A}","a, ""b"""\n"${B}","two\nlines"`,
    'with blank lines': `\n\nContainer\n\n${A}\n,\n${B}\n\n`,
    'with another spelling of the header': `CONTAINER NO.,x\n${A},1\n${B},2`,
    'with title lines above the header': `Report of today,\nprinted,now\nCntr No.,x\n${A},1\n${B},2`,
    'with a header nobody knows': `Kasten,x\n${A},1\n${B},2`,
    'without a header': `${A}\n${B}`,
    'with ragged rows': `x,Container\n1,${A},extra,more\n2,${B}`,
  };
  for (const [how, content] of Object.entries(accepted)) {
    test(`${how} is read`, async () => expect(await keysOf(content)).toEqual([A, B]));
  }

  const refused: Record<string, [string | Uint8Array, string]> = {
    'that is empty': ['', 'FILE_EMPTY'],
    'of blank lines': ['\n\n \n', 'NO_ROWS'],
    'with a header only': ['Container,Note\n', 'NO_ROWS'],
    'without such a column': ['Name,Age\nAda,36', 'COLUMN_NOT_FOUND'],
    'with a quote left open': [`Container\n"${A}\n${B}`, 'FILE_MALFORMED'],
    'with rows between two lone quotation marks': [
      `Container,Type\n${A},"40 HC\n${B},"20 GP`,
      'FILE_MALFORMED',
    ],
    'whose rows are all wrong': ['Container\nABCD123\nXYZ', 'NO_VALID_ROWS'],
    'that is a PNG': [
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      'FILE_TYPE_UNSUPPORTED',
    ],
    'that is a program': [new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), 'FILE_TYPE_UNSUPPORTED'],
    'that is a PDF': ['%PDF-1.7 …', 'FILE_TYPE_UNSUPPORTED'],
    'that is a web page': ['<!DOCTYPE html><p>Container', 'FILE_TYPE_UNSUPPORTED'],
    'with a NUL': [`Container\n${A}\0\n${B}`, 'FILE_TYPE_UNSUPPORTED'],
    'with too many rows': [`Container\n${`${A}\n`.repeat(1001)}`, 'TOO_MANY_ROWS'],
    'with too many columns': [`Container${',x'.repeat(1001)}\n${A}`, 'FILE_MALFORMED'],
    'that is too large': [new Uint8Array(10_000_001).fill(65), 'FILE_TOO_LARGE'],
    'with a cell of a whole page': [`Container,Note\n${A},${'x'.repeat(32_768)}`, 'FILE_MALFORMED'],
  };
  for (const [how, [content, code]] of Object.entries(refused)) {
    test(`${how} is refused: ${code}`, async () => expect(await codeOf(content)).toBe(code));
  }

  test('names the line of a quotation mark that is never closed', async () => {
    await expect(read(`Container,Note\n${A},ok\n${B},"a`)).rejects.toMatchObject({
      code: 'FILE_MALFORMED',
      message: expect.stringContaining('opened in line 3'),
      details: { line: 3 },
    });
  });

  test('with names that are special in JavaScript does no harm', async () => {
    const sheet = await read(`Container,__proto__,constructor\n${A},x,y`);
    expect(sheet.headers).toEqual(['Container', '__proto__', 'constructor']);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

test('a mistyped number at the top of a list without a header is a row, not the header', async () => {
  const sheet = await read(`CSQU3054384\n${A}\n${B}`);
  expect(sheet.rows.map((row) => row.problem?.code ?? null)).toEqual(['CHECK_DIGIT_MISMATCH', null, null]);
});

test('wrong and repeated rows are marked, and counted', async () => {
  const sheet = await read(
    `Container,Note\n${A},first\nCSQU3054384,typo\ncsqu 305438-3,again\n,empty\n${B},last`,
  );
  expect(
    sheet.rows.map((row) => [row.index, row.line, row.key, row.problem?.code ?? null, row.duplicateOf]),
  ).toEqual([
    [0, 2, A, null, null],
    [1, 3, 'CSQU3054384', 'CHECK_DIGIT_MISMATCH', null],
    [2, 4, A, null, 0],
    [3, 5, '', 'VALUE_MISSING', null],
    [4, 6, B, null, null],
  ]);
  expect(sheet.counts).toEqual({ total: 5, valid: 2, invalid: 2, duplicate: 1 });
});

test('any bytes are read or refused with a typed error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string().map((text) => strToU8(`Container,${text}\n${text},${A}`)),
      ),
      async (bytes) => {
        const error = await read(bytes).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error !== null) expect(error).toBeInstanceOf(SheetError);
      },
    ),
  );
});
