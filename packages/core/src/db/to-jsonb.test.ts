import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toJsonb, toText } from './to-jsonb.ts';

test.each([
  ['a NUL', 'a\0b', '"a\uFFFDb"'],
  ['half of a surrogate pair', 'a\uD83Db', '"a\uFFFDb"'],
  ['a whole pair', '\u{1F600}', '"\u{1F600}"'],
  ['a backslash before what looks like an escape', String.raw`\u0000`, String.raw`"\\u0000"`],
  ['a NUL after a backslash', '\\\0', '"\\\\\uFFFD"'],
])('%s', (_what, value, expected) => {
  expect(toJsonb(value)).toBe(expected);
});

test('keys too', () => {
  expect(toJsonb({ 'a\0': 1 })).toBe('{"a\uFFFD":1}');
});

test('everything else stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\\u(0000|d[89a-f])/.test(text));
      expect(toJsonb(JSON.parse(text))).toBe(text);
    }),
  );
});

test('plain text keeps everything but NUL', () => {
  expect(toText('a\0 \\u0000 ü')).toBe('a\uFFFD \\u0000 ü');
});
