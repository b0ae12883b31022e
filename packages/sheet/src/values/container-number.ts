import type { Checked } from './checked.ts';

/** However it is spaced, a number is not longer; a cell can be, and would take its time. */
const MAX_LENGTH = 100;
const SHAPE = /^[A-Z]{3}[UJZ]\d{7}$/;
/** A container number in running text. Bounded repetition: the time grows with the text alone. */
const NUMBER_IN_TEXT =
  /(?<![\p{L}\p{N}])\p{L}{4}[^\p{L}\p{N}]{0,4}(?:\p{Nd}[^\p{L}\p{N}]{0,3}){6}\p{Nd}(?![\p{L}\p{N}])/gu;

/**
 * Checks a container number by ISO 6346: three letters for the owner, `U`, `J` or `Z`, six digits and a check digit.
 * Lower case, full-width characters, Cyrillic and Greek letters that look like Latin ones, spaces, dashes, other
 * punctuation and invisible characters are accepted.
 *
 * @example checkContainerNumber('crsu 127436-3') // { ok: true, value: 'CRSU1274363' }
 */
export function checkContainerNumber(text: string): Checked {
  const value = text.length > MAX_LENGTH ? text : normalise(text);
  if (!SHAPE.test(value)) {
    return {
      ok: false,
      value: value.slice(0, 40),
      code: 'INVALID_CONTAINER_NUMBER',
      message: messageOf(text),
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

function messageOf(text: string): string {
  const number = numbersIn(text.slice(0, MAX_LENGTH)).map(normalise).find(isNumber);
  return number
    ? `The cell has more than a container number. Leave only ${number} in it.`
    : 'Not a container number: it has four letters, the last of them U, J or Z, and seven digits.';
}

/** Whether a normalised text is a number with its check digit. */
function isNumber(text: string): boolean {
  return SHAPE.test(text) && checkDigit(text) === Number(text[10]);
}

/** The parts of a running text that look like container numbers, as they are typed. */
export function numbersIn(text: string): string[] {
  return text.match(NUMBER_IN_TEXT) ?? [];
}

/** Whether a text may be meant as a container number: a mistyped one is shown as wrong, and is no header or remark. */
export function looksLikeContainerNumber(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  return /^(?:[A-Z]{2,5}\d(?=(?:[A-Z]*\d){4})[A-Z0-9]{4,8}|[A-Z]{3}[UJZ]\d{1,4})$/.test(normalise(text));
}

/** Letters of other scripts that look like Latin capitals, and those. */
const LOOK_ALIKE_LETTERS = new Map(
  Array.from('АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', (letter, index) => [
    letter,
    'ABESIJKMHOPCTYXABEZHIKMNOPTYX'[index] ?? letter,
  ]),
);

const ASCII = /^[\0-\x7f]*$/;
/** Signs that look like dashes, ticks or spaces but are no punctuation: minus, box drawings, Japanese long vowel, Braille blank. */
const SEPARATORS =
  /[\s\p{C}\p{Z}\p{P}\p{M}\p{Default_Ignorable_Code_Point}\u02d7\u2212\u2500-\u2503\u2796\u2800\u30fc`|~+=]/gu;

function normalise(text: string): string {
  const upper = text.toUpperCase();
  if (ASCII.test(upper)) return upper.replaceAll(/[^A-Z0-9]/g, '');
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(SEPARATORS, '')
    .replaceAll(/[\u0370-\u04ff]/g, (letter) => LOOK_ALIKE_LETTERS.get(letter) ?? letter)
    .replaceAll(/(?![0-9])\p{Nd}/gu, asciiDigit);
}

/** The digits of every script are runs of ten, from zero on. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
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
