import type { ColumnFormat } from '../file-spec.ts';
import { LIMITS } from '../limits.ts';
import { checkValue } from './check-value.ts';
import { checkContainerNumber, looksLikeContainerNumber, numbersIn } from './container-number.ts';

/** From what certainly separates two values to what may also be part of one. */
const SEPARATORS = [/[\r\n\v\u2028\u2029]+/, /[;,|\u060c\u3001\uff0c\uff1b]+/, /[/&+\uff0f]+/];
/** `40`, `40HC`, `20ft`, `45G1`, `HQ`. */
const SIZE =
  /^(?:(?:20|40|45|48|53)(?:ft|[a-z]{2})?|[24l]\w[a-z]\d|ft|[hgds][cpqvt]|r[efh]|ot|fr|tk|pl|std|reefer|empty|full)$/i;

/**
 * The values in a cell: most often one, the cell's own text. A cell that lists several, of which at least one is valid,
 * is split at line breaks, commas, semicolons, bars, slashes, `&`, `+` and, between complete values, spaces. What is
 * neither a value nor a mistyped one, such as "and" or a size, is dropped. Beside one value only a size is.
 */
export function splitValues(cell: string, format: ColumnFormat): string[] {
  if (format === 'text' || cell.length > LIMITS.listLength) return [cell];
  if (format === 'url') return splitUrls(cell);
  if (!/\p{Nd}/u.test(cell) || checkContainerNumber(cell).ok) return [cell];
  const parts = splitNumbers(cell, 0);
  const [only = '', ...others] = parts;
  if (others.length === 0)
    return checkContainerNumber(only).ok && isSize(cell.replace(only, ' ')) ? parts : [cell];
  return parts.some((part) => checkContainerNumber(part).ok) ? parts : [cell];
}

/** Whether all that is beside a number in its cell is its place in the list and its size and type: `1. … (40' HC)`. */
function isSize(text: string): boolean {
  // What may separate columns is no part of a cell: the delimiter of a CSV file is chosen by where its values are.
  if (/[,;|\t\r\n]/.test(text)) return false;
  const words = text.replace(/^\s*\(?\d{1,4}[.):]/, '').match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.every((word) => SIZE.test(word));
}

/** The numbers and mistyped numbers in a text that is not a valid one, by the separators from a level on. */
function splitNumbers(text: string, level: number): string[] {
  const separator = SEPARATORS[level];
  if (!separator) {
    const found = numbersIn(text);
    return found.length > 0 || !looksLikeContainerNumber(text) ? found : [text.trim()];
  }
  const parts = text.split(separator);
  if (parts.length === 1) return splitNumbers(text, level + 1);
  return parts.flatMap((part) => {
    if (!/\p{Nd}/u.test(part)) return [];
    return checkContainerNumber(part).ok ? [part.trim()] : splitNumbers(part, level + 1);
  });
}

/** An address may contain commas and even spaces: only where all parts are addresses is a cell a list. */
function splitUrls(cell: string): string[] {
  const parts = cell
    .trim()
    .split(/[\s|]+|[;,]\s*(?=https?:)/i)
    .map((part) => part.replace(/[;,]$/, ''));
  return parts.length > 1 && parts.every((part) => checkValue(part, 'url').ok) ? parts : [cell];
}
