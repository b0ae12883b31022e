import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { checkContainerNumber, checkDigit } from './container-number.ts';

describe('checkContainerNumber', () => {
  // CSQU3054383 is the worked example of ISO 6346; CRSU1274363 stands in the port's own links.
  for (const spelling of [
    'CSQU3054383',
    'csqu 305438-3',
    ' CSQU-305438/3 ',
    'CSQU 305438 3',
    'ＣＳＱＵ3054383',
  ]) {
    test(`takes ${spelling}`, () => {
      expect(checkContainerNumber(spelling)).toEqual({ ok: true, value: 'CSQU3054383' });
    });
  }
  test('takes a number of the port', () => {
    expect(checkContainerNumber('CRSU 127436 3')).toEqual({ ok: true, value: 'CRSU1274363' });
  });
  for (const wrong of [
    '',
    'CSQU305438',
    'CSQA3054383',
    'CS1U3054383',
    'CSQU30543833',
    'hello',
    '12345678901',
    `CSQU3054383${' '.repeat(100)}and more`,
  ]) {
    test(`refuses "${wrong}"`, () => {
      expect(checkContainerNumber(wrong)).toMatchObject({ ok: false, code: 'INVALID_CONTAINER_NUMBER' });
    });
  }
  test('names the number in a cell that has more than it', () => {
    for (const text of ['CSQU3054383 SEAL 123456', '2 x csqu 305438-3', 'CSQU3054383, 4102314']) {
      expect(checkContainerNumber(text)).toMatchObject({
        code: 'INVALID_CONTAINER_NUMBER',
        message: 'The cell has more than a container number. Leave only CSQU3054383 in it.',
      });
    }
  });
  test('names the check digit that it should be', () => {
    expect(checkContainerNumber('CSQU3054384')).toMatchObject({
      ok: false,
      code: 'CHECK_DIGIT_MISMATCH',
      message: expect.stringContaining('should be 3'),
    });
  });

  const owner = fc
    .tuple(fc.stringMatching(/^[A-Z]{3}$/), fc.constantFrom('U', 'J', 'Z'), fc.stringMatching(/^\d{6}$/))
    .map((parts) => parts.join(''));
  test('takes every number with its check digit, and none with another', () => {
    fc.assert(
      fc.property(owner, fc.integer({ min: 1, max: 9 }), (number, shift) => {
        const right = checkDigit(`${number}0`);
        expect(checkContainerNumber(`${number}${right}`).ok).toBe(true);
        expect(checkContainerNumber(`${number}${(right + shift) % 10}`).ok).toBe(false);
      }),
    );
  });
  test('has an answer for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => typeof checkContainerNumber(text).ok === 'boolean',
      ),
    );
  });
});
