import type { Sheet, SheetRow } from '@gantry/sheet';
import { CircleCheck, CopyX, TriangleAlert } from 'lucide-react';
import { useMemo, useState } from 'react';

import { count } from '../format/count.ts';
import { FilterChips } from '../ui/filter-chips.tsx';
import { type VirtualColumn, VirtualTable } from '../ui/virtual-table.tsx';

const OTHER_COLUMNS = 3;

type RowFilter = 'all' | 'ready' | 'wrong' | 'duplicate';

/** What is about to be sent: where the values come from, and every row with what is wrong with it. */
export function SheetPreview({ sheet }: { sheet: Sheet }) {
  const [filter, setFilter] = useState<RowFilter>('all');
  const rows = useMemo(
    () => sheet.rows.filter((row) => filter === 'all' || kindOf(row) === filter),
    [sheet, filter],
  );
  const columns = useMemo(() => columnsOf(sheet), [sheet]);
  const { counts } = sheet;
  return (
    <div className="grid gap-3">
      <FilterChips
        label="Rows shown"
        value={filter}
        onChange={setFilter}
        choices={[
          { value: 'all', label: 'All rows', count: counts.total },
          {
            value: 'ready',
            label: 'Ready',
            count: counts.valid,
          },
          { value: 'wrong', label: 'Wrong', count: counts.invalid },
          { value: 'duplicate', label: 'Duplicates', count: counts.duplicate },
        ]}
      />
      <div className="overflow-hidden rounded-lg border border-line">
        {rows.length === 0 ? (
          <p className="px-4 py-8 text-center text-ink-soft">No such rows in this file.</p>
        ) : (
          <VirtualTable
            label={`Rows of the file, ${count(rows.length, 'row')}`}
            className="max-h-88"
            minWidth={`${24 + 8 * otherPositions(sheet).length}rem`}
            rows={rows}
            rowKey={(row) => row.index}
            columns={columns}
          />
        )}
      </div>
    </div>
  );
}

function columnsOf(sheet: Sheet): VirtualColumn<SheetRow>[] {
  const found = sheet.columns.map(
    ({ key, header, positions }): VirtualColumn<SheetRow> => ({
      id: `found-${key}`,
      header: <span className="font-semibold text-ink">{header}</span>,
      track: 'minmax(7rem, 1fr)',
      cell: (row) => (
        <span className="font-mono text-[0.8125rem]">
          {positions.map((at) => row.cells[at] ?? '').join(' ')}
        </span>
      ),
    }),
  );
  const others = otherPositions(sheet).map(
    (position): VirtualColumn<SheetRow> => ({
      id: `other-${position}`,
      header: sheet.headers[position],
      track: 'minmax(7rem, 1fr)',
      cell: (row) => <span className="line-clamp-2 text-ink-faint">{row.cells[position] ?? ''}</span>,
    }),
  );
  return [
    {
      id: 'line',
      header: 'Line',
      track: '2.75rem',
      isNumeric: true,
      cell: (row) => <span className="text-ink-faint">{row.line}</span>,
    },
    ...found,
    {
      id: 'check',
      header: 'Check',
      track: 'minmax(11rem, 2fr)',
      cell: (row) => <RowCheck row={row} lineOf={(index) => sheet.rows[index]?.line ?? index + 1} />,
    },
    ...others,
  ];
}

/** The first of the columns that are only carried along: enough to recognise one's own list. */
function otherPositions(sheet: Sheet): number[] {
  const found = new Set(sheet.columns.flatMap((column) => column.positions));
  return sheet.headers
    .map((_, position) => position)
    .filter((position) => !found.has(position))
    .slice(0, OTHER_COLUMNS);
}

function RowCheck({ row, lineOf }: { row: SheetRow; lineOf: (index: number) => number }) {
  if (row.problem) {
    return (
      <span className="flex items-start gap-1.5 text-warn">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        {row.problem.message}
      </span>
    );
  }
  if (row.duplicateOf !== null) {
    return (
      <span className="flex items-start gap-1.5 text-ink-soft">
        <CopyX aria-hidden className="mt-0.5 size-4 shrink-0" />
        Same as line {lineOf(row.duplicateOf)}; looked up once
      </span>
    );
  }
  return (
    <span className="flex items-center gap-1.5 text-good">
      <CircleCheck aria-hidden className="size-4 shrink-0" />
      Ready
    </span>
  );
}

function kindOf(row: SheetRow): Exclude<RowFilter, 'all'> {
  if (row.problem) return 'wrong';
  return row.duplicateOf === null ? 'ready' : 'duplicate';
}
