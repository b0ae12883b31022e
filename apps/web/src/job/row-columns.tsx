import type { JsonValue, RowResult } from '@gantry/client';

import type { VirtualColumn } from '../ui/virtual-table.tsx';
import { RowStatusBadge } from './status-badge.tsx';

/** More columns than this are a click away, in the row's own window. */
const DATA_COLUMNS = 5;

/** The columns of a result: place, key, state, and the first of whatever the service answers. */
export function rowColumns(
  rows: Iterable<RowResult>,
  onOpen: (row: RowResult) => void,
): VirtualColumn<RowResult>[] {
  const names = dataNames(rows).slice(0, DATA_COLUMNS);
  return [
    {
      id: 'index',
      header: '#',
      track: '2.5rem',
      isNumeric: true,
      cell: (row) => <span className="text-ink-faint">{row.index + 1}</span>,
    },
    {
      id: 'key',
      header: 'Row',
      track: 'minmax(9rem, 1.2fr)',
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="max-w-full truncate py-1 text-left font-mono text-[0.8125rem] text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent"
        >
          {row.key === '' ? `row ${row.index + 1}` : row.key}
        </button>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      track: '7.5rem',
      cell: (row) => <RowStatusBadge status={row.status} />,
    },
    ...names.map(
      (name): VirtualColumn<RowResult> => ({
        id: `data-${name}`,
        header: dataLabel(name),
        track: 'minmax(6rem, 1fr)',
        cell: (row) => dataText(row.data[name]),
      }),
    ),
    {
      id: 'error',
      header: 'Remark',
      track: 'minmax(12rem, 1.6fr)',
      cell: (row) => <span className="text-ink-soft">{row.error?.message ?? ''}</span>,
    },
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

/** The names of simple values, in the order in which the service gives them. */
function dataNames(rows: Iterable<RowResult>): string[] {
  const names = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row.data)) {
      if (value !== null && typeof value !== 'object') names.add(name);
    }
  }
  return [...names];
}
