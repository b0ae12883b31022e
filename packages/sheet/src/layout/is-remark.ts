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
/** A sentence that begins with a total: "Total boxes: 2 pcs". */
const TOTAL_SENTENCE = new RegExp(`^[\\s*=#-]*(?:${TOTAL_WORDS})(?!\\p{L})`, 'iu');
/** Digits of a number of containers: a container number has more. */
const MAX_FIGURE = 4;
const RULER = /^[-=*_#~.+|\s]+$/;

/** Whether a row anywhere in a list is a total or a ruler, not a value that is wrong. */
export function isTotal(row: GridRow, positions: readonly number[]): boolean {
  const filled = row.cells.filter((cell) => cell !== '');
  if (filled.every((cell) => RULER.test(cell))) return true;
  const isWord = [filled[0], ...positions.map((at) => row.cells[at])].some((cell = '') =>
    TOTAL.test(beginningOf(cell)),
  );
  return isWord && !hasKey(row, positions);
}

/** Whether a row below the last value of a list is a total, a sum or a remark, and not a value that is wrong. */
export function isClosing(row: GridRow, positions: readonly number[], width: number): boolean {
  if (isTotal(row, positions)) return true;
  if (hasKey(row, positions)) return false;
  const filled = row.cells.filter((cell) => cell !== '');
  const text = beginningOf(filled[0] ?? '');
  if (CLOSING.test(text) || TOTAL_SENTENCE.test(text)) return true;
  const hasNoKey = positions.every((at) => (row.cells[at] ?? '') === '');
  if (hasNoKey && filled.every((cell) => /^[\s\p{Nd}.,+%-]+$/u.test(cell))) return true;
  const isSentence = (width > 1 ? /[\s:：]/ : /[:：]/).test(text);
  return filledCells(row) === 1 && isSentence && filled.length < Math.max(2, width);
}

/**
 * Whether a row has a text where the value belongs, with another before it: a value that is wrong, though the text before
 * it may be the word of a total or a remark. The figure of a total is none.
 */
function hasKey({ cells }: GridRow, positions: readonly number[]): boolean {
  const first = cells.findIndex((cell) => cell !== '');
  return positions.some((at) => {
    const text = beginningOf(cells[at] ?? '');
    const isFigure =
      /^[^\p{L}\p{Nd}]*\p{Nd}/u.test(text) && text.replaceAll(/\P{Nd}/gu, '').length <= MAX_FIGURE;
    return at !== first && text !== '' && !RULER.test(text) && !TOTAL.test(text) && !isFigure;
  });
}

function beginningOf(cell: string): string {
  return cell.slice(0, 200).trim();
}

/** Whether a cell is a value, or looks like a mistyped one; a total with its figure does not. */
export function looksLikeValue(cell: string, format: ColumnFormat): boolean {
  if (holdsValue(cell, format)) return true;
  if (TOTAL.test(beginningOf(cell))) return false;
  if (format === 'iso6346') return looksLikeContainerNumber(cell);
  return format === 'url' && /^\s*(?:\w+:\/\/|www\.)\S/i.test(cell.slice(0, 100));
}
