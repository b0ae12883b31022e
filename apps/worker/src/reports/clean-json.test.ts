import { expect, test } from 'vitest';

import { cleanJson, cleanText } from './clean-json.ts';

test('NULs and halves of surrogate pairs are replaced, wherever they stand', () => {
  expect(cleanJson({ 'a\0': ['\ud83d', { b: '\0', c: 1, d: null, e: true }] })).toEqual({
    'a\ufffd': ['\ufffd', { b: '\ufffd', c: 1, d: null, e: true }],
  });
});

test('a cut does not leave half a character', () => {
  expect(cleanText('ab😀', 3)).toBe('ab\ufffd');
  expect(cleanText('ab😀')).toBe('ab😀');
});
