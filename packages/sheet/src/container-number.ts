/** What is wrong with a value, or the value in its one spelling. */
export type Checked =
  | { ok: true; value: string }
  | { ok: false; value: string; code: ProblemCode; message: string };

/** What can be wrong with a value. */
export type ProblemCode =
  | 'INVALID_CONTAINER_NUMBER'
  | 'CHECK_DIGIT_MISMATCH'
  | 'INVALID_URL'
  | 'VALUE_MISSING';

/** However it is spaced, a number is not longer; a cell can be, and would take its time. */
const MAX_LENGTH = 100;

/**
 * Checks a container number as ISO 6346 has it: three letters for the owner, `U`, `J` or `Z`, six digits and a check
 * digit. Spaces, dashes and lower case are forgiven.
 *
 * @example checkContainerNumber('crsu 127436-3') // { ok: true, value: 'CRSU1274363' }
 */
export function checkContainerNumber(text: string): Checked {
  const value = text.length > MAX_LENGTH ? text : normalise(text);
  if (!/^[A-Z]{3}[UJZ]\d{7}$/.test(value)) {
    return {
      ok: false,
      value: value.slice(0, 40),
      code: 'INVALID_CONTAINER_NUMBER',
      message: 'Not a container number: it has four letters, the last of them U, J or Z, and seven digits.',
    };
  }
  const expected = checkDigit(value);
  if (expected !== Number(value[10])) {
    return {
      ok: false,
      value,
      code: 'CHECK_DIGIT_MISMATCH',
      message: `The check digit is wrong: it should be ${expected}. One of the characters is probably mistyped.`,
    };
  }
  return { ok: true, value };
}

function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s./_\u2010-\u2015-]/g, '');
}

/** The check digit of the first ten characters, by ISO 6346, annex A. */
export function checkDigit(number: string): number {
  let sum = 0;
  for (let position = 0; position < 10; position++) {
    sum += valueOf(number[position] ?? '0') * 2 ** position;
  }
  return (sum % 11) % 10;
}

/** Digits count as themselves; letters from 10 on, leaving out the multiples of 11. */
function valueOf(character: string): number {
  const digit = Number.parseInt(character, 36);
  return digit < 10 ? digit : digit + Math.floor((digit - 1) / 10);
}
