import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';

import { cn } from './cn.ts';
import { SCROLL_REGION } from './scroll-region.ts';

/** A column: `track` is its size as a CSS grid track, `2fr` or `6rem`. */
export type VirtualColumn<Row> = {
  id: string;
  header: ReactNode;
  track: string;
  isNumeric?: boolean;
  cell: (row: Row) => ReactNode;
};

const HEADER_ROWS = 1;

/** Height of a row of one line, in pixels; taller ones are measured. */
const USUAL_ROW_HEIGHT = 40;

/** A table of any length that renders only visible rows, and gives assistive technology its whole size. */
export function VirtualTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  minWidth,
  className,
  remark,
}: {
  label: string;
  columns: readonly VirtualColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Below this width the table scrolls sideways. */
  minWidth: string;
  /** Sets the height of the window, such as `max-h-96`. */
  className?: string;
  /** A text that takes the place of the columns from `fromColumn` on, in rows that have one. */
  remark?: { fromColumn: number; of: (row: Row) => ReactNode };
}) {
  const scrollRef = useRef<HTMLElement>(null);
  // Its result changes in place; nothing here hands it on to a memoised component.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => USUAL_ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const gridTemplateColumns = columns.map((column) => column.track).join(' ');
  return (
    <section
      ref={scrollRef}
      aria-label={label}
      {...SCROLL_REGION}
      className={cn('overflow-auto -outline-offset-2', className)}
    >
      <table className="grid" aria-rowcount={rows.length + HEADER_ROWS} style={{ minWidth }}>
        <thead className="sticky top-0 z-10 grid border-b border-line bg-sunken">
          <tr aria-rowindex={1} className="grid gap-3 px-4" style={{ gridTemplateColumns }}>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={cn(
                  'truncate py-2 text-left text-xs font-medium text-ink-soft',
                  column.isNumeric && 'text-right',
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="relative grid" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const text = remark?.of(row) ?? null;
            return (
              <tr
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                aria-rowindex={item.index + 1 + HEADER_ROWS}
                className="absolute inset-x-0 top-0 grid min-h-10 items-center gap-3 border-b border-line px-4 py-1.5"
                style={{ gridTemplateColumns, transform: `translateY(${item.start}px)` }}
              >
                {(text === null ? columns : columns.slice(0, remark?.fromColumn)).map((column) => (
                  <td
                    key={column.id}
                    className={cn('min-w-0 break-words', column.isNumeric && 'tabular text-right')}
                  >
                    {column.cell(row)}
                  </td>
                ))}
                {text !== null && (
                  <td
                    colSpan={columns.length - (remark?.fromColumn ?? 0)}
                    className="max-w-md min-w-0 break-words"
                    style={{ gridColumn: `${(remark?.fromColumn ?? 0) + 1} / -1` }}
                  >
                    {text}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
