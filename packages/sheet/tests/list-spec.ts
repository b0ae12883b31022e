import { type FileSpec, readSheet, requireValidRows, SheetError, type SheetRow } from '../src/index.ts';

/** Valid numbers, to be recognised in tests. */
export const A = 'FLDU4102314';
export const B = 'FLDU4103774';
export const C = 'FLDU4110027';
export const D = 'FLDU4123451';

/** What a service asks for that wants container numbers. */
export const SPEC: FileSpec = {
  required: true,
  formats: ['csv', 'xlsx'],
  maxBytes: 10_000_000,
  maxRows: 1000,
  keyColumn: 'container',
  columns: [
    {
      key: 'container',
      label: 'Container number',
      aliases: ['Container', 'Container No', 'Cntr No'],
      format: 'iso6346',
      required: true,
    },
    { key: 'note', label: 'Note', aliases: [], format: 'text', required: false },
  ],
};

/** What a service asks for that wants addresses. */
export const URL_SPEC: FileSpec = {
  ...SPEC,
  keyColumn: 'url',
  columns: [{ key: 'url', label: 'URL', aliases: ['Link'], format: 'url', required: true }],
};

/** Reads a file, given as bytes or as text. */
export const read = (content: string | Uint8Array, spec = SPEC) =>
  readSheet(typeof content === 'string' ? new TextEncoder().encode(content) : content, spec);

/** The keys of a file, one a row; `!` and the code for a row with a problem. */
export const keysOf = async (content: string | Uint8Array, spec = SPEC) =>
  (await read(content, spec)).rows.map(keyOf);

/** Lines and keys of a file: `2 FLDU4102314`. */
export const linesOf = async (content: string | Uint8Array, spec = SPEC) =>
  (await read(content, spec)).rows.map((row) => `${row.line} ${keyOf(row)}`);

const keyOf = (row: SheetRow) => (row.problem ? `!${row.problem.code}` : row.key);

/** What becomes of a file: `accepted`, or the code of its refusal. */
export const codeOf = async (content: string | Uint8Array, spec = SPEC) => {
  try {
    requireValidRows(await read(content, spec));
    return 'accepted';
  } catch (error) {
    if (error instanceof SheetError) return error.code;
    throw error;
  }
};
