import { stringify } from 'csv-stringify/sync';
import writeXlsxFile from 'write-excel-file/node';

import type { AutomationContext } from './define-automation.ts';

/** A table of results: headers, and a text for each cell. */
export type ResultsTable = { headers: string[]; rows: string[][] };

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const MAX_COLUMN_WIDTH = 40;

/** Keeps the results as results.csv and results.xlsx. */
export async function keepResults(
  context: Pick<AutomationContext, 'artifact'>,
  table: ResultsTable,
): Promise<void> {
  await context.artifact({ name: 'results.csv', contentType: 'text/csv; charset=utf-8', body: toCsv(table) });
  await context.artifact({ name: 'results.xlsx', contentType: XLSX_TYPE, body: await toXlsx(table) });
}

/** The results as CSV, with a byte order mark: without one Excel takes UTF-8 for something else. */
function toCsv({ headers, rows }: ResultsTable): Uint8Array {
  const text = stringify(
    [headers, ...rows].map((row) => row.map((cell) => defuseInside(defuse(cell)))),
    { bom: true, quoted: true, record_delimiter: 'windows' },
  );
  return Buffer.from(text);
}

async function toXlsx({ headers, rows }: ResultsTable): Promise<Uint8Array> {
  const cell = (value: string) => ({ type: String, value: forWriter(defuse(withoutXmlOutlaws(value))) });
  const widths = headers.map((header, column) => {
    const longest = Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0));
    return { width: Math.min(MAX_COLUMN_WIDTH, longest + 2) };
  });
  return writeXlsxFile(
    [
      headers.map((value) => ({ ...cell(value), fontWeight: 'bold' as const })),
      ...rows.map((row) => row.map(cell)),
    ],
    {
      columns: widths,
      stickyRowsCount: 1,
    },
  ).toBuffer();
}

/**
 * A text that begins like a formula is shown, not run: a quote goes before it (OWASP, CSV injection; full-width
 * forms too, which some programs read as the plain ones).
 */
function defuse(text: string): string {
  return /^[=+\-@\t\r\n\0＝＋－＠]/.test(text) ? `'${text}` : text;
}

/**
 * A program that splits at semicolons or tabs reads a quote in the middle of a field as text: what follows one of them, or a
 * line break, is a cell of its own then, and must not begin like a formula either.
 */
function defuseInside(text: string): string {
  return text.replaceAll(/[;\t\r\n](?=[=+\-@\0＝＋－＠])/g, "$&'");
}

/**
 * The text without the characters that XML 1.0 does not allow (its production `Char`; the writer drops or breaks them), and
 * without noncharacters, which readers drop. They go before the text is defused: what they leave behind may begin like a formula.
 */
function withoutXmlOutlaws(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{FFFD}\u{10000}-\u{10FFFF}]|\p{Noncharacter_Code_Point}/gu, '');
}

/** The writer keeps texts as keys of a plain object, which has `constructor` and its like from the beginning. */
function forWriter(text: string): string {
  return Reflect.has(Object.prototype, text) ? `${text} ` : text;
}
