import { checkValue } from './check-value.ts';
import type { ColumnSpec, FileSpec } from './file-spec.ts';
import type { Grid } from './grid.ts';
import { SheetError } from './sheet-error.ts';

/** A column of the file that a service's column was found in. */
export type FoundColumn = { key: string; label: string; header: string; position: number };

/** Where the data begin, under which headers, and where the wanted columns are. */
export type Layout = { headers: string[]; columns: FoundColumn[]; firstDataRow: number };

const TITLE_LINES = 10;
const SAMPLE_ROWS = 200;

/**
 * Finds the wanted columns: by their headers, which may stand below a few title lines, else by what stands in them,
 * which also works for a list without any header.
 *
 * @throws {SheetError} COLUMN_NOT_FOUND
 */
export function findColumns(grid: Grid, spec: FileSpec): Layout {
  const keyColumn = spec.columns.find((column) => column.key === spec.keyColumn);
  if (!keyColumn) throw new TypeError(`The file specification has no column "${spec.keyColumn}".`);

  for (const [index, row] of grid.slice(0, TITLE_LINES).entries()) {
    if (positionByHeader(row.cells, keyColumn) !== -1) return layoutOf(row.cells, index + 1, spec);
  }
  const position = positionByContent(grid, keyColumn);
  if (position !== -1) {
    const first = grid[0]?.cells ?? [];
    const hasHeader = !looksLikeValue(first[position] ?? '', keyColumn);
    const headers = hasHeader ? first : first.map((_, column) => `Column ${column + 1}`);
    const layout = layoutOf(headers, hasHeader ? 1 : 0, spec);
    const found = { key: keyColumn.key, label: keyColumn.label, header: headers[position] ?? '', position };
    return { ...layout, columns: [found, ...layout.columns] };
  }
  const headers = (grid[0]?.cells ?? []).slice(0, 20).map((cell) => cell.slice(0, 40));
  throw new SheetError(
    'COLUMN_NOT_FOUND',
    `There is no column "${keyColumn.label}" in the file. Name one of its columns ${listNames(keyColumn)}.`,
    { wanted: keyColumn.label, headers },
  );
}

function layoutOf(headers: string[], firstDataRow: number, spec: FileSpec): Layout {
  const columns = spec.columns.flatMap((column): FoundColumn[] => {
    const position = positionByHeader(headers, column);
    return position === -1
      ? []
      : [{ key: column.key, label: column.label, header: headers[position] ?? '', position }];
  });
  return { headers: headers.map((header) => header.trim()), columns, firstDataRow };
}

function positionByHeader(headers: string[], column: ColumnSpec): number {
  const names = new Set([column.label, column.key, ...column.aliases].map(simplify));
  return headers.findIndex((header) => names.has(simplify(header)));
}

function positionByContent(grid: Grid, column: ColumnSpec): number {
  if (column.format === 'text') return -1;
  const sample = grid.slice(0, SAMPLE_ROWS);
  const width = Math.max(0, ...sample.map((row) => row.cells.length));
  let best = -1;
  let bestCount = 0;
  for (let position = 0; position < width; position++) {
    const filled = sample.filter((row) => (row.cells[position] ?? '').trim() !== '');
    const valid = filled.filter((row) => checkValue(row.cells[position] ?? '', column.format).ok).length;
    if (valid > bestCount && valid * 2 >= filled.length) [best, bestCount] = [position, valid];
  }
  return best;
}

/** A mistyped value is still a value: it must be shown as wrong, and not get lost as if it were a header. */
function looksLikeValue(cell: string, { format }: ColumnSpec): boolean {
  return checkValue(cell, format).ok || (format === 'iso6346' && /\d{3}/.test(cell));
}

/** `Container No.`, `CONTAINER NO` and `container_no` are one name. */
function simplify(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function listNames(column: ColumnSpec): string {
  return [column.label, ...column.aliases]
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(' or ');
}
