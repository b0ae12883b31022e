import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';

import { rowsOf, text, workbook, workbookParts, zipParts } from './build-workbook.ts';
import { A, codeOf, keysOf, linesOf, read, SPEC, URL_SPEC } from './list-spec.ts';

const LIST = rowsOf(['Container'], [A]);
/** What does not pack well, so that the rest of a file may unpack to much. */
const noise = (length: number) => {
  let state = 1;
  return Array.from({ length }, () => (state = (state * 16_807) % 2_147_483_647).toString(36).slice(-1)).join(
    '',
  );
};
const NOISE = `<!--${noise(200_000)}--><!--${noise(200_000)}-->`;

// Each of these took seconds, gigabytes, or both, in some reader. They have the time of a test, and a heap as small as
// that of any test: what is asserted is the answer.
describe('a file that was made to be expensive', () => {
  const files: Record<string, [() => Uint8Array | string, answer: string]> = {
    'rows far away and thousands of blank ones': [
      () =>
        workbook(
          `${LIST}<row r="1048576"/>${'<row><c/></row>'.repeat(66_000)}${'<row/>'.repeat(8_000)}${NOISE}`,
        ),
      'accepted',
    ],
    'rows that do not exist': [() => workbook(`${LIST}<row r="9999990"/>`), 'FILE_MALFORMED'],
    'millions of blank rows': [() => workbook(`${NOISE}${LIST}${'<row/>'.repeat(2_000_000)}`), 'accepted'],
    'millions of cells': [
      () => workbook(`${NOISE}${LIST}${`<row>${'<c><v>1</v></c>'.repeat(900)}</row>`.repeat(2_400)}`),
      'TOO_MANY_ROWS',
    ],
    'gaps before each cell': [
      () =>
        workbook(
          `${NOISE}${Array.from({ length: 900 }, (_, at) => `<row><c r="ALK${at + 1}"><v>1</v></c></row>`).join('')}`,
        ),
      'COLUMN_NOT_FOUND',
    ],
    'elements in elements': [() => workbook(`${LIST}${'<a>'.repeat(100_000)}`), 'FILE_MALFORMED'],
    'thousands of attributes': [
      () => workbook(`${LIST}<row ${Array.from({ length: 20_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`),
      'FILE_MALFORMED',
    ],
    'thousands of namespaces': [
      () =>
        workbook(`${LIST}<row ${Array.from({ length: 5_000 }, (_, at) => `xmlns:a${at}="u"`).join(' ')}/>`),
      'FILE_MALFORMED',
    ],
    'entities that grow': [
      () =>
        zipParts({
          ...workbookParts([{ rows: LIST }]),
          'xl/worksheets/sheet1.xml': `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData>${LIST}</sheetData></worksheet>`,
        }),
      'FILE_MALFORMED',
    ],
    'characters written as numbers': [
      () => workbook(`${NOISE}${`<row><c t="str"><v>${'&#65;'.repeat(30_000)}</v></c></row>`.repeat(80)}`),
      'FILE_MALFORMED',
    ],
    'a text without end': [
      () => workbook(`${NOISE}<row><c t="str"><v>${'x'.repeat(9_000_000)}`),
      'FILE_MALFORMED',
    ],
    'a tag without end': [() => workbook(`${NOISE}<row a="${"'".repeat(9_000_000)}`), 'FILE_MALFORMED'],
    'texts that no cell uses': [
      () => zipParts(workbookParts([{ rows: LIST }], { strings: `${NOISE}${'<si/>'.repeat(1_000_001)}` })),
      'FILE_TOO_LARGE',
    ],
    'a header that grows when it is normalised': [
      () => `Container,${Array(100).fill('\uFDFA'.repeat(32_000)).join(',')}\n${A}`,
      'accepted',
    ],
    'lists of numbers in every cell': [
      () => `Container\n${`${`${A}/`.repeat(400)}x\n`.repeat(1_000)}`,
      'TOO_MANY_ROWS',
    ],
    'almost numbers in every cell': [
      () => `Container\n${`${'ABCU 1 2 3 4 5 6 - '.repeat(260)}\n`.repeat(1_000)}`,
      'NO_VALID_ROWS',
    ],
    'a number in every cell': [() => `${`${A},`.repeat(500)}\n`.repeat(900), 'accepted'],
    'a prefix in every cell': [() => `${'FLDU,'.repeat(900)}\n`.repeat(1_000), 'COLUMN_NOT_FOUND'],
    'commas only': [() => `${','.repeat(9_000_000)}\n${A}`, 'accepted'],
    'line ends only': [() => `${'\n'.repeat(9_000_000)}${A}`, 'accepted'],
    'quotation marks only': [() => `Container\n"${'""'.repeat(4_000_000)}`, 'FILE_MALFORMED'],
    'spaces before the text of each cell': [
      () => `Container\n${`${' '.repeat(32_000)}x\n`.repeat(250)}`,
      'NO_VALID_ROWS',
    ],
  };
  for (const [what, [make, answer]] of Object.entries(files)) {
    test(`${what}: ${answer}`, async () => expect(await codeOf(make())).toBe(answer));
  }

  test('addresses in every cell', async () => {
    expect(await codeOf(`URL\n${`${'https://a.example/ '.repeat(250)}\n`.repeat(1_000)}`, URL_SPEC)).toBe(
      'TOO_MANY_ROWS',
    );
  });
});

test('what a workbook holds beside its list costs nothing', async () => {
  const picture = new Uint8Array(60_000_000);
  const bytes = workbook(LIST, { 'xl/media/image1.png': picture, 'xl/worksheets/sheet9.xml': picture });
  expect(await keysOf(bytes)).toEqual([A]);
});

test('a huge sheet before the list is read no further than a list may be long', async () => {
  const huge = `<row>${text('A1', 'x')}</row>${'<row><c><v>1</v></c></row>'.repeat(1_000_000)}`;
  const sheets = [
    { name: 'Log', rows: NOISE + huge },
    { name: 'List', rows: LIST },
  ];
  expect((await read(zipParts(workbookParts(sheets)))).sheet?.name).toBe('List');
});

test('65,535 entries are not looked at', async () => {
  const empty = new Uint8Array();
  const entries = Object.fromEntries(Array.from({ length: 65_535 }, (_, at) => [`${at}`, empty]));
  expect(await codeOf(zipSync(entries, { level: 0 }))).toBe('FILE_TOO_LARGE');
});

test('a list that is as long as it may be is read, with titles and totals', async () => {
  const list = `Report\n\nContainer\n${`${A}\n`.repeat(SPEC.maxRows)}\nTotal: ${SPEC.maxRows}`;
  expect(await linesOf(list)).toHaveLength(SPEC.maxRows);
});
