import type { JsonValue, RowResult } from '@gantry/client';

import type { VirtualColumn } from '../ui/virtual-table.tsx';
import { RowStatusBadge } from './status-badge.tsx';

/** More columns than this are a click away, in the row's own window. */
const DATA_COLUMNS = 4;

/** So many rows settle which columns are shown, so that they do not change under the reader's eyes. */
const ROWS_THAT_DECIDE = 50;

/** The columns that every result has, before those that the service answers. */
export const FIXED_COLUMNS = 3;

/** The columns of a result: place, key, state, and what tells most of whatever the service answers. */
export function rowColumns(
  rows: readonly RowResult[],
  onOpen: (row: RowResult) => void,
): VirtualColumn<RowResult>[] {
  const names = tellingNames(rows);
  return [
    {
      id: 'index',
      header: '#',
      track: '1.75rem',
      isNumeric: true,
      cell: (row) => <span className="text-ink-faint">{row.index + 1}</span>,
    },
    {
      id: 'key',
      header: 'Row',
      track: 'minmax(6.5rem, 1fr)',
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="block max-w-full truncate py-0.5 text-left font-mono text-[0.8125rem] text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent"
        >
          {row.key === '' ? `row ${row.index + 1}` : row.key}
        </button>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      track: '6.75rem',
      cell: (row) => <RowStatusBadge status={row.status} />,
    },
    ...(names.length > 0 ? names : ['answer']).map(
      (name): VirtualColumn<RowResult> => ({
        id: `data-${name}`,
        header: dataLabel(name),
        track: 'minmax(5rem, 1.1fr)',
        cell: (row) => <span className="line-clamp-2 text-[0.8125rem]">{dataText(row.data[name])}</span>,
      }),
    ),
  ];
}

/** A value of a result as text. */
export function dataText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `timeIn` to `Time in`. */
export function dataLabel(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The names whose values differ most between rows. The order of the service is lost on the way through
 * the database, and a value that is the same everywhere says nothing about a row.
 */
function tellingNames(rows: readonly RowResult[]): string[] {
  const valuesByName = new Map<string, Set<string>>();
  for (const row of rows.slice(0, ROWS_THAT_DECIDE)) {
    for (const [name, value] of Object.entries(row.data)) {
      if (value === null || typeof value === 'object' || value === row.key) continue;
      const values = valuesByName.get(name) ?? new Set();
      valuesByName.set(name, values.add(String(value)));
    }
  }
  return [...valuesByName]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, DATA_COLUMNS)
    .map(([name]) => name);
}
