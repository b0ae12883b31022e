import { expect, test } from 'vitest';

import { opensProgram, readFileName } from './index.ts';

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));

test.each([
  ['list.csv', 'list.csv'],
  ['Bericht für März.xlsx', 'Bericht für März.xlsx'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\win.ini', 'win.ini'],
  ['C:\\x.csv', 'x.csv'],
  ['\\\\srv\\share\\x.csv', 'x.csv'],
  ['file:///x.csv', 'x.csv'],
  ['%2e%2e%2fx.csv', '%2e%2e%2fx.csv'],
  ['x.csv%00.exe', 'x.csv%00.exe'],
  ['x.CSV ', 'x.CSV'],
  ['x.csv. . .', 'x.csv'],
  ['x.csv::$DATA', 'x.csv'],
  ['x.csv:hidden:$data', 'x.csv'],
  ['x.csv::$DATA.::$Data ', 'x.csv'],
  ['a: b', 'a: b'],
  ['\u00a0\u3000\u2800x.csv\u2800\u2003', 'x.csv'],
  ['é.csv'.normalize('NFD'), 'é.csv'],
  ['a\ud800.csv', 'a\ufffd.csv'],
  ['....', ''],
  [' \u200b ', ''],
  ['', ''],
])('%j is the name %j', (given, name) => {
  expect(readFileName(given)).toBe(name);
});

test('what is not seen is not in a name', () => {
  const invisible = [
    ...from(0x00, 0x1f),
    ...from(0x7f, 0x9f),
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f',
    '\u1160',
    '\u180e',
    ...from(0x200b, 0x200f),
    ...from(0x2028, 0x202e),
    ...from(0x2060, 0x206f),
    '\u3164',
    ...from(0xfe00, 0xfe0f),
    '\ufeff',
    '\uffa0',
    ...from(0xfff9, 0xfffb),
    '\ufffe',
    '\u{1d173}',
    ...from(0xe0000, 0xe007f),
    ...from(0xe0100, 0xe01ef),
  ].filter((character) => character !== '/' && character !== '\\');
  for (const character of invisible) {
    const name = readFileName(`evil.e${character}xe`);
    expect([character.codePointAt(0)?.toString(16), name, opensProgram(name)]).toEqual([
      character.codePointAt(0)?.toString(16),
      'evil.exe',
      true,
    ]);
  }
});

test.each([
  'x.exe',
  'x.EXE',
  'x.exe.',
  'x.exe . .',
  'x.exe::$DATA',
  'x.exe:stream',
  'x.exe:a:$DATA',
  'x.e\u200bxe',
  'x.ｅｘｅ',
  'x．exe',
  'list.csv.scr',
  'x.hta',
  'x.lnk',
  'x.url',
  'x.desktop',
  'x.ps1',
  'x.command',
  'x.webloc',
  'x.settingcontent-ms',
  'x.xll',
  'x.iso',
  'x.jnlp',
  'x.appinstaller',
  'x.msu',
  'x.wsb',
  'x.iqy',
  'x.slk',
  'x.accde',
  'x.pyzw',
  'x.ppam',
])('%j opens a program', (name) => {
  expect(opensProgram(readFileName(name))).toBe(true);
});

test.each(['x.csv', 'x.exe.csv', 'exe', 'x.executive', 'x.html', 'report: July.csv', 'passwd', 'x.json', ''])(
  '%j does not',
  (name) => {
    expect(opensProgram(readFileName(name))).toBe(false);
  },
);

test('a name of a million dots, or of as many streams, is read at once', () => {
  expect(readFileName(`a${' .'.repeat(500_000)}`)).toBe('a');
  expect(readFileName(`a.exe${'::$DATA'.repeat(100_000)}`)).toBe('a.exe');
  expect(opensProgram(readFileName(`a${':b'.repeat(100_000)}`))).toBe(false);
});
