import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';

import { cn } from './cn.ts';

/** A column: `track` is its size as a CSS grid track, `2fr` or `6rem`. */
export type VirtualColumn<Row> = {
  id: string;
  header: ReactNode;
  track: string;
  isNumeric?: boolean;
  cell: (row: Row) => ReactNode;
};

const HEADER_ROWS = 1;

/**
 * A table of any length that draws only what is seen. Its roles and indices tell assistive technology
 * the whole size. Rows are one line high unless their content is taller.
 */
export function VirtualTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  minWidth,
  className,
}: {
  label: string;
  columns: readonly VirtualColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Below this width the table scrolls sideways. */
  minWidth: string;
  /** Sets the height of the window, such as `max-h-96`. */
  className?: string;
}) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => 40,
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const gridTemplateColumns = columns.map((column) => column.track).join(' ');
  return (
    // A region that scrolls must be reachable without a mouse.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      ref={scrollRef}
      role="region"
      aria-label={label}
      tabIndex={0}
      className={cn('overflow-auto -outline-offset-2', className)}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + HEADER_ROWS} style={{ minWidth }}>
        <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-sunken">
          <div role="row" aria-rowindex={1} className="grid gap-4 px-4" style={{ gridTemplateColumns }}>
            {columns.map((column) => (
              <div
                key={column.id}
                role="columnheader"
                className={cn(
                  'truncate py-2 text-xs font-medium text-ink-soft',
                  column.isNumeric && 'text-right',
                )}
              >
                {column.header}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 1 + HEADER_ROWS}
                className="absolute inset-x-0 top-0 grid min-h-10 items-center gap-4 border-b border-line px-4 py-1.5"
                style={{ gridTemplateColumns, transform: `translateY(${item.start}px)` }}
              >
                {columns.map((column) => (
                  <div
                    key={column.id}
                    role="cell"
                    className={cn('min-w-0 break-words', column.isNumeric && 'tabular text-right')}
                  >
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
