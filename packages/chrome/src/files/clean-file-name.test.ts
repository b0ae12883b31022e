import { expect, test } from 'vitest';

import { cleanDownloadName } from './clean-file-name.ts';

test.for([
  ['report.csv', 'report.csv'],
  ['Bericht für März.xlsx', 'Bericht für März.xlsx'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\x.csv', 'x.csv'],
  ['_.._x.csv', 'x.csv'],
  ['a\0\n\u202Efdp.exe', 'afdp.exe.txt'],
  ['evil.e\u{200b}xe', 'evil.exe.txt'],
  ['x.exe::$DATA', 'x.exe.txt'],
  ['x.hta. .', 'x.hta.txt'],
  ['start.desktop', 'start.desktop.txt'],
  ['CON.csv', '_CON.csv'],
  ['.bashrc', 'bashrc'],
  ['a:b|c?.pdf', 'a_b_c_.pdf'],
  ['', 'download'],
  ['...', 'download'],
  ['name. . ', 'name'],
] as const)('%j is kept as %j', ([given, kept]) => {
  expect(cleanDownloadName(given)).toBe(kept);
});

test('a long name is cut before its ending', () => {
  expect(cleanDownloadName(`${'é'.repeat(5_000)}.csv`)).toBe(`${'é'.repeat(100)}.csv`);
});

test('a name that is nothing but gaps is done at once', () => {
  expect(cleanDownloadName(`a${' .'.repeat(500_000)}b.csv`)).toMatch(/^a[ .]{199}\.csv$/);
});
