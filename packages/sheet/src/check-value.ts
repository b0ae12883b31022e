import { type Checked, checkContainerNumber } from './container-number.ts';
import type { ColumnFormat } from './file-spec.ts';

/** Checks a cell by its column's format. An empty one is never right; whether it must be there, the caller knows. */
export function checkValue(text: string, format: ColumnFormat): Checked {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, value: '', code: 'VALUE_MISSING', message: 'The cell is empty.' };
  if (format === 'iso6346') return checkContainerNumber(trimmed);
  if (format === 'url') return checkHttpUrl(trimmed);
  return { ok: true, value: trimmed };
}

function checkHttpUrl(text: string): Checked {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return { ok: true, value: url.href };
  return {
    ok: false,
    value: text.slice(0, 200),
    code: 'INVALID_URL',
    message: 'Not a web address: it begins with http:// or https://.',
  };
}
