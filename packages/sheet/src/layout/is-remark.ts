import type { ColumnFormat } from '../file-spec.ts';
import type { GridRow } from '../grid.ts';
import { looksLikeContainerNumber } from '../values/container-number.ts';
import { holdsValue } from './count-values.ts';
import { filledCells } from './find-header.ts';

/** Words for a total, in the languages that lists come in. */
const TOTAL_WORDS =
  'totals?|sub[ -]?totals?|grand total|sum|summe|gesamt(?:summe)?|zwischensumme|total général|sous-total|somme|suma|soma|totale|totaal|toplam|jumlah|tổng(?: cộng)?|итого|всего|合计|总计|小计|合計|總計|小計|합계|총계|মোট|कुल|योग|المجموع|الإجمالي|المجموع الكلي';
/** Nothing but a total: with its figure and what was counted, at most. */
const TOTAL = new RegExp(`^[\\s*=#-]*(?:${TOTAL_WORDS})(?!\\p{L})[^\\p{L}]*(?:\\p{L}+[^\\p{L}]*)?$`, 'iu');
/** What reports have below their list. */
const CLOSING =
  /^[\s*=#(-]*(?:count|qty|quantity|number of|no\.? of|(?:containers?|units?|boxes|records?|rows?|lines|items|entries)\s*[:=]|\d+\s+(?:containers?|units?|boxes|records?|rows?|lines|items|entries)\b|printed|generated|exported|created|prepared|report|page\s+\d|end of|notes?\b|remarks?\b|source\b|signature|signed)/i;
const RULER = /^[-=*_#~.+|\s]+$/;

/** Whether a row anywhere in a list is a total or a ruler, not a value that is wrong. */
export function isTotal({ cells }: GridRow): boolean {
  const text =
    cells
      .find((cell) => cell !== '')
      ?.slice(0, 200)
      .trim() ?? '';
  return TOTAL.test(text) || RULER.test(text);
}

/** Whether a row below the last value of a list is a total, a sum or a remark, and not a value that is wrong. */
export function isClosing(row: GridRow, position: number, width: number): boolean {
  if (isTotal(row)) return true;
  const filled = row.cells.filter((cell) => cell !== '');
  const text = filled[0]?.slice(0, 200).trim() ?? '';
  if (CLOSING.test(text)) return true;
  if ((row.cells[position] ?? '') === '' && filled.every((cell) => /^[\s\d.,+%-]+$/.test(cell))) return true;
  const isSentence = width > 1 ? /[\s:]/.test(text) : text.includes(':');
  return filledCells(row) === 1 && isSentence && filled.length < Math.max(2, width);
}

/** Whether a cell is a value, or looks like a mistyped one; a total with its figure does not. */
export function looksLikeValue(cell: string, format: ColumnFormat): boolean {
  if (holdsValue(cell, format)) return true;
  if (TOTAL.test(cell.slice(0, 200).trim())) return false;
  if (format === 'iso6346') return looksLikeContainerNumber(cell);
  return format === 'url' && /^\s*(?:\w+:\/\/|www\.)\S/i.test(cell.slice(0, 100));
}
