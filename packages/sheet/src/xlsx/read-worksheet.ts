import { tooLong, tooWide } from '../csv/split-records.ts';
import type { Grid, GridRow } from '../grid.ts';
import { LIMITS } from '../limits.ts';
import type { ReadingBudget } from '../reading-budget.ts';
import { isBlank } from '../values/clean-text.ts';
import { damaged } from '../zip/read-directory.ts';
import { decodeEscapes, isoDateText, numberText } from './cell-text.ts';
import { isTrue } from './parse-xml.ts';
import type { NumberStyle } from './read-styles.ts';
import type { WorkbookPackage } from './workbook-package.ts';

/** What the cells of all worksheets of a workbook refer to. */
export type CellContext = {
  sharedStrings: readonly string[];
  styles: readonly NumberStyle[];
  isFrom1904: boolean;
  mustCalculate: boolean;
};

/** The last line of an Excel sheet. */
const MAX_LINE = 1_048_576;

/**
 * Reads a worksheet. Rows and cells have the places that they claim, or else follow the one before; gaps are never
 * filled, so that a place far away costs nothing.
 *
 * @throws {SheetError} FILE_MALFORMED, FILE_TOO_LARGE
 */
export function readWorksheet(
  workbook: WorkbookPackage,
  part: string,
  { maxRows, budget, ...context }: CellContext & { maxRows: number; budget: ReadingBudget },
): Grid {
  const rows: GridRow[] = [];
  const hidden = new Set<number>();
  let isCut = false;
  let isInData = false;
  let line = 0;
  let hasLine = false;
  let row: { cells: string[]; unstored: Set<number> | null; isHidden?: boolean } = {
    cells: [],
    unstored: null,
  };
  let column = -1;
  let cell: StoredCell | null = null;
  let target: 'value' | 'inline' | null = null;
  let isPhonetic = false;

  const keepCell = (stored: StoredCell) => {
    const text = textOf(stored, context);
    if (text.length > LIMITS.cellLength) throw tooLong(line);
    const isUnstored = isFormulaWithoutValue(stored, context);
    if (isBlank(text) && !isUnstored) return;
    if (column >= LIMITS.columns) throw tooWide(line);
    budget.takeCells(Math.max(1, column + 1 - row.cells.length));
    while (row.cells.length < column) row.cells.push('');
    row.cells[column] = isUnstored ? '' : text;
    if (isUnstored) (row.unstored ??= new Set()).add(column);
  };

  workbook.parse(part, {
    open: (name, attributes) => {
      if (name === 'sheetData') isInData = true;
      if (name === 'col' && !isInData) hideColumns(attributes(), hidden);
      if (!isInData) return;
      if (name === 'row') {
        const { r, hidden: isHidden } = attributes();
        hasLine = r !== undefined;
        line = r === undefined ? line + 1 : parseLine(r);
        row = { cells: [], unstored: null, isHidden: isTrue(isHidden) };
        column = -1;
      } else if (name === 'c') {
        const { r, t: type = 'n', s: style = '' } = attributes();
        const place = r === undefined ? null : parseReference(r);
        column = place?.column ?? column + 1;
        if (place && !hasLine) {
          line = place.line;
          hasLine = true;
        }
        cell = { type, style, value: '', inline: '', hasFormula: false, hasValue: false };
      } else if (cell) {
        if (name === 'f') cell.hasFormula = true;
        if (name === 'v') cell.hasValue = true;
        if (name === 'rPh') isPhonetic = true;
        if (name === 'v') target = 'value';
        else target = name === 't' && !isPhonetic ? 'inline' : null;
      }
    },
    text: (piece) => {
      if (cell && target && cell[target].length <= LIMITS.cellLength) cell[target] += piece;
    },
    close: (name) => {
      if (name === 'sheetData') isInData = false;
      if (name === 'rPh') isPhonetic = false;
      if (name === 'v' || name === 't') target = null;
      if (name === 'c' && cell) {
        keepCell(cell);
        cell = null;
      }
      if (name === 'row' && isInData && row.cells.length > 0 && !isCut) {
        if (rows.length === maxRows) isCut = true;
        else rows.push({ line, ...row });
      }
    },
    isDone: () => isCut,
  });
  return { rows: rows.toSorted((a, b) => a.line - b.line), isCut, hidden };
}

/** Adds the columns that an element hides. */
function hideColumns({ hidden: isHidden, min, max }: Record<string, string>, hidden: Set<number>): void {
  if (!isTrue(isHidden)) return;
  const last = Math.min(Number(max), LIMITS.columns);
  for (let column = Math.max(1, Number(min)); column <= last; column++) hidden.add(column - 1);
}

type StoredCell = {
  type: string;
  style: string;
  value: string;
  inline: string;
  hasFormula: boolean;
  hasValue: boolean;
};

function textOf({ type, style, value, inline }: StoredCell, context: CellContext): string {
  switch (type) {
    case 's':
      return context.sharedStrings[Number(value)] ?? '';
    case 'inlineStr':
      return decodeEscapes(inline || value);
    case 'str':
      return decodeEscapes(value);
    case 'b':
      return value.trim() === '' ? '' : String(value.trim() !== '0').toUpperCase();
    case 'e':
      return value;
    case 'd':
      return isoDateText(value.trim());
    default:
      return numberText(value.trim(), context.styles[Number(style)] ?? 'plain', context.isFrom1904);
  }
}

/** Programs that do not calculate leave the value out, or store a zero for Excel to replace. */
function isFormulaWithoutValue(cell: StoredCell, { mustCalculate }: CellContext): boolean {
  if (!cell.hasFormula) return false;
  if (cell.type === 'str') return !cell.hasValue;
  return cell.value === '' || (mustCalculate && cell.value === '0');
}

function parseLine(text: string): number {
  const line = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Infinity;
  if (line > MAX_LINE) throw damaged();
  return line;
}

/** `BC12` is the column at position 54 of line 12. */
function parseReference(reference: string): { line: number; column: number } {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(reference) ?? [];
  if (letters === '') throw damaged();
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return { line: parseLine(digits), column: column - 1 };
}
