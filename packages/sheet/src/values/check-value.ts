import type { ColumnFormat } from '../file-spec.ts';
import type { Checked } from './checked.ts';
import { trimInvisible } from './clean-text.ts';
import { checkContainerNumber } from './container-number.ts';

/** The errors that Excel shows in a cell. */
const CELL_ERROR = /^#(?:N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)$/;

/** Checks a cell by its column's format. An empty cell is never valid; the caller decides whether it may be empty. */
export function checkValue(text: string, format: ColumnFormat): Checked {
  const trimmed = trimInvisible(text);
  if (trimmed === '') return { ok: false, value: '', code: 'VALUE_MISSING', message: 'The cell is empty.' };
  if (CELL_ERROR.test(trimmed)) {
    const message = `The cell shows the error ${trimmed}. Correct it in the sheet.`;
    return { ok: false, value: trimmed, code: 'CELL_ERROR', message };
  }
  if (format === 'iso6346') return checkContainerNumber(trimmed);
  if (format === 'url') return checkHttpUrl(trimmed);
  return { ok: true, value: trimmed };
}

/** What is wrong with a formula whose value the file does not have. */
export function formulaNotStored(): Exclude<Checked, { ok: true }> {
  return {
    ok: false,
    value: '',
    code: 'FORMULA_NOT_STORED',
    message:
      "The formula's value is not stored in the file. Open the file in Excel, save it, and submit it again.",
  };
}

/** Apostrophes that mark a cell as text, and marks of the clipboard around an address. */
const AROUND_URL = /^['"<\u2018\u201c]+|['">\u2019\u201d]+$/g;

function checkHttpUrl(text: string): Checked {
  const plain = text.replaceAll(AROUND_URL, '');
  for (const candidate of [plain, plain.normalize('NFKC')]) {
    const url = URL.canParse(candidate) ? new URL(candidate) : null;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') continue;
    if (url.username || url.password) {
      return invalidUrl(text, 'An address with a user name or password cannot be opened. Remove them.');
    }
    return { ok: true, value: url.href };
  }
  return invalidUrl(text, 'Not a web address: it begins with http:// or https://.');
}

function invalidUrl(text: string, message: string): Checked {
  return { ok: false, value: text.slice(0, 200), code: 'INVALID_URL', message };
}
