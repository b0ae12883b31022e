import type { JsonObject } from '../define-automation.ts';
import type { DocumentContent } from './read-page.ts';

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

/** A label with its value; `isCertain`: the page marks it as a label, so it is kept though it is not known. */
type Pair = { label: string; value: string; isCertain: boolean };

/** What documents say of a container. */
export type ShownAnswer = {
  /** Known fields under their names, all others under `other`; null if no known field has a value. */
  data: JsonObject | null;
  /** Whether there are known fields, with values or without. */
  hasLabels: boolean;
};

/** Finds labels and values in tables of any markup, lists and lines. */
export function toAnswer(documents: readonly DocumentContent[]): ShownAnswer {
  const pairs = documents.flatMap((content) => [
    ...content.tables.flatMap(readTable),
    ...content.terms.map(([term, value]) => toPair(term, value, true)),
  ]);
  const lines = documents.flatMap(({ text }) => readLines(text));
  // One line may be the address in a footer.
  if (!hasAnswer(pairs) && hasAnswer(lines) && new Set(lines.map(nameOf)).size > 1) pairs.push(...lines);
  const isAnswered = hasAnswer(pairs);
  return {
    data: isAnswered ? toData(pairs) : null,
    hasLabels: pairs.some((pair) => isAnswerField(nameOf(pair))),
  };
}

function hasAnswer(pairs: readonly Pair[]): boolean {
  return pairs.some((pair) => pair.value !== '' && isAnswerField(nameOf(pair)));
}

/** A page may repeat the number that was asked for and know nothing of it. */
function isAnswerField(name: string | undefined): boolean {
  return name !== undefined && name !== 'containerNumber';
}

function readTable(rows: DocumentContent['tables'][number]): Pair[] {
  const texts = rows.map((row) => row.map(({ text }) => clean(text)));
  return rows.flatMap((row, index) => {
    const cells = texts[index] ?? [];
    const next = texts[index + 1] ?? [];
    // Labels side by side with their values below.
    const labels = cells.filter((cell) => FIELDS.has(toKey(cell)));
    if (labels.length > 1 && (labels.length === cells.length || row.every(({ isHead }) => isHead)))
      return cells.map((label, column) => toPair(label, next[column] ?? '', false));
    return readRow(cells, row[0]?.isHead ?? false);
  });
}

/** Label, colon and value in three cells, in two or in one; maybe several times in a row. */
function readRow(cells: readonly string[], isHead: boolean): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < cells.length; ) {
    const [label = '', second = '', third = ''] = cells.slice(at);
    const rest = cells.length - at;
    if (rest >= 3 && second === ':') {
      pairs.push(toPair(label, third, true));
      at += 3;
    } else if (rest >= 2 && (label.endsWith(':') || second.startsWith(':') || isHead || isKnown(label))) {
      const isMarked = label.endsWith(':') || second.startsWith(':') || (isHead && rest === 2);
      pairs.push(toPair(label, second.replace(/^:/, ''), isMarked));
      at += 2;
    } else {
      pairs.push(...readLines(label));
      at += 1;
    }
  }
  return pairs.filter(({ label }) => label !== '');
}

/** Lines that are a known label, a colon and a value. */
function readLines(text: string): Pair[] {
  return text.split('\n').flatMap((line) => {
    const [, label = '', value = ''] = /^([^:：]{2,40})[:：](.*)$/.exec(clean(line)) ?? [];
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

function toPair(label: string, value: string, isCertain: boolean): Pair {
  return {
    label: clean(label)
      .replace(/[:：]$/, '')
      .trim(),
    value: value.replaceAll(/\s+/g, ' ').trim().replace(/^-+$/, ''),
    isCertain,
  };
}

function nameOf({ label }: Pair): string | undefined {
  return FIELDS.get(toKey(label));
}

function isKnown(label: string): boolean {
  return FIELDS.has(toKey(label));
}

function toKey(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function clean(text: string): string {
  return text
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim();
}
