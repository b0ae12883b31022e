import type { JsonObject } from '@gantry/contract';
import type { Cell, DocumentContent } from './read-page.ts';

// Labels as the port writes them, with what else has been seen for the same thing.
const FIELDS = new Map([
  ['positionlocation', 'location'],
  ['locationposition', 'location'],
  ['position', 'location'],
  ['location', 'location'],
  ['currentposition', 'location'],
  ['currentlocation', 'location'],
  ['presentlocation', 'location'],
  ['containerlocation', 'location'],
  ['yard', 'yard'],
  ['yardname', 'yard'],
  ['block', 'block'],
  ['blockname', 'block'],
  ['timein', 'timeIn'],
  ['timeout', 'timeOut'],
  ['size', 'size'],
  ['height', 'height'],
  ['lastposition', 'lastPosition'],
  ['destination', 'destination'],
  ['offdockname', 'offDockName'],
  ['freightkind', 'freightKind'],
  ['description', 'description'],
  ['freightdescription', 'description'],
  ['containerno', 'containerNumber'],
  ['containernumber', 'containerNumber'],
  ['container', 'containerNumber'],
]);

/** Words in the place of a value that say that there is none, or none yet. */
const NO_VALUE =
  /^(?:[-–—_.]+|n\/?a|null|nil|none)$|^(?:no (?:\w+ ){0,2}(?:records?|data|results?|information|containers?|match(?:es)?)|(?:\w+ ){0,2}not (?:found|available|exist)|loading|processing|searching|please wait)\b/i;

/** A cell between a label and its value. */
const SEPARATOR = /^[-–—=|>]$/;

/** A label that is also what such a page is called. */
const HEADING = 'containerlocation';

/** A label with its value; `isCertain`: the page marks it as a label, so it is kept though it is not known. */
type Pair = { label: string; value: string; isCertain: boolean };

/** What documents say of a container. */
export type ShownAnswer = {
  /** Known fields under their names, all others under `other`; null if no known field has a value. */
  data: JsonObject | null;
  /** Whether there are known fields without a value. */
  hasEmptyFields: boolean;
};

/**
 * Finds labels and values in tables of any markup, lists and lines.
 *
 * @param container whose row is read where there are rows of several
 */
export function toAnswer(documents: readonly DocumentContent[], container: string): ShownAnswer {
  const pairs = documents.flatMap((content) => [
    ...content.tables.flatMap((rows) => readTable(rows, container)),
    ...content.terms.map(([term, value]) => toPair(term, value, true)),
  ]);
  const hasEmptyFields = pairs.some((pair) => pair.value === '' && isAnswerField(nameOf(pair)));
  if (!isAnswer(pairs)) pairs.push(...documents.flatMap(({ text }) => readLines(text)));
  return { data: isAnswer(pairs) ? toData(pairs) : null, hasEmptyFields };
}

/** One line may be the address of the port, and one cell a heading. */
function isAnswer(pairs: readonly Pair[]): boolean {
  const known = pairs.filter((pair) => nameOf(pair) !== undefined);
  const answered = known.filter((pair) => pair.value !== '' && isAnswerField(nameOf(pair)));
  return (
    answered.some(({ isCertain }) => isCertain) ||
    (answered.length > 0 && new Set(known.map(nameOf)).size > 1)
  );
}

/** A page may repeat the number that was asked for and know nothing of it. */
function isAnswerField(name: string | undefined): boolean {
  return name !== undefined && name !== 'containerNumber';
}

function readTable(rows: readonly Cell[][], container: string): Pair[] {
  const table = rows.map((row) => row.map((cell) => ({ ...cell, text: clean(cell.text) })));
  return table.flatMap((row, index) =>
    isHeader(row) ? readGrid(row, table.slice(index + 1), container) : readRow(row),
  );
}

/** Whether a row holds labels side by side, with their values below. */
function isHeader(row: readonly Cell[]): boolean {
  const labels = row.filter(({ text }) => isKnown(text));
  if (labels.length < 2) return false;
  const isDense = row.some(({ text }, at) => isKnown(text) && isKnown(row[at + 1]?.text ?? ''));
  return labels.length === row.length || row.every(({ isHead }) => isHead) || isDense;
}

/** Of several rows that of the container; the first one where none names it. */
function readGrid(header: readonly Cell[], below: readonly Cell[][], container: string): Pair[] {
  const end = below.findIndex(isHeader);
  const rows = below
    .slice(0, end === -1 ? undefined : end)
    // What spans columns is no value of one: “No data available in table”.
    .filter((row) => row.length === header.length && !row.every(({ isHead, isField }) => isHead || isField));
  const named = (row: readonly Cell[]) => row.flatMap(({ text }) => containerIn(text) ?? []);
  const row = rows.find((cells) => named(cells).includes(container)) ?? rows[0] ?? [];
  const [number = '', ...more] = named(row);
  const pairs = header.map(({ text }, column) => toPair(text, row[column]?.text ?? '', false));
  return [number, ...more].includes(container) || number === ''
    ? pairs
    : [toPair('Container No', number, false), ...pairs];
}

/** Label, colon and value in three cells, in two or in one; maybe several times in a row. */
function readRow(cells: readonly Cell[]): Pair[] {
  const isHead = cells[0]?.isHead ?? false;
  const pairs: Pair[] = [];
  for (let at = 0; at < cells.length; ) {
    const [label = '', second = '', third = ''] = cells.slice(at, at + 3).map(({ text }) => text);
    const isField = cells.slice(at, at + (second === ':' ? 3 : 2)).some((cell) => cell.isField);
    const isLink = cells[at]?.isLink ?? false;
    const rest = cells.length - at;
    if (rest >= 3 && (second === ':' || (SEPARATOR.test(second) && isKnown(label) && !isLabel(third)))) {
      if (!isField) pairs.push(toPair(label, third, true));
      at += 3;
    } else if (
      rest >= 2 &&
      (label.endsWith(':') ||
        second.startsWith(':') ||
        isHead ||
        (isKnown(label) && !isLink && !isLabel(second)))
    ) {
      const isMarked = label.endsWith(':') || second.startsWith(':') || (isHead && rest === 2);
      const isCertain = isMarked || (isKnown(label) && toKey(label) !== HEADING);
      if (!isField) pairs.push(toPair(label, second.replace(/^:/, ''), isCertain));
      at += 2;
    } else {
      pairs.push(...readLines(label));
      at += 1;
    }
  }
  return pairs.filter(({ label }) => label !== '');
}

/** The number of a container that a text is, however it is spaced. */
export function containerIn(text: string): string | null {
  return /^[A-Z]{4}\d{7}$/.exec(text.toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))?.[0] ?? null;
}

/** The numbers of containers that a text names, but for examples. */
export function containersIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !/\b(example|e\.g|such as|format|sample)\b/i.test(line))
    .flatMap((line) => line.toUpperCase().match(/\b[A-Z]{3}[UJZ][ -]?\d{6}[ -]?\d\b/g) ?? [])
    .map((number) => number.replaceAll(/[ -]/g, ''));
}

/** Lines that are a known label, a colon and a value. */
function readLines(text: string): Pair[] {
  return text.split('\n').flatMap((line) => {
    const [, label = '', value = ''] = /^([^:]{2,40}):(.*)$/.exec(clean(line)) ?? [];
    return isKnown(label) ? [toPair(label, value, false)] : [];
  });
}

function toData(pairs: readonly Pair[]): JsonObject {
  const data: JsonObject = {};
  const other: JsonObject = {};
  for (const pair of pairs) {
    if (pair.value === '') continue;
    const name = nameOf(pair);
    if (name !== undefined) data[name] ??= pair.value;
    else if (pair.isCertain) other[pair.label] = pair.value;
  }
  return Object.keys(other).length > 0 ? { ...data, other } : data;
}

function toPair(label: string, text: string, isCertain: boolean): Pair {
  const value = text.replaceAll(/\s+/g, ' ').trim();
  return {
    label: clean(label).replace(/:$/, '').trim(),
    value: NO_VALUE.test(value) ? '' : value,
    isCertain,
  };
}

function nameOf({ label }: Pair): string | undefined {
  return FIELDS.get(toKey(label));
}

function isKnown(label: string): boolean {
  return FIELDS.has(toKey(label));
}

/** A known one, or one that has its value behind it. */
function isLabel(text: string): boolean {
  return isKnown(text) || /^[a-z][a-z ]+:/i.test(text);
}

function toKey(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function clean(text: string): string {
  return text
    .replaceAll('：', ':')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim();
}
