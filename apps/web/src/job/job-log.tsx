import type { LogEntry } from '@gantry/react';
import { ScrollText } from 'lucide-react';
import { useState } from 'react';

import { cn } from '../ui/cn.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterChips } from '../ui/filter-chips.tsx';
import { VirtualTable } from '../ui/virtual-table.tsx';

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const LEVEL_STYLES = {
  debug: 'text-ink-faint',
  info: 'text-ink-soft',
  warn: 'text-warn',
  error: 'text-bad',
} as const;

/** The lines that the automation wrote, newest first: what happens now is what one looks for. */
export function JobLog({ logs }: { logs: readonly LogEntry[] }) {
  const [filter, setFilter] = useState<'all' | 'problems'>('all');
  if (logs.length === 0) {
    return (
      <EmptyState icon={ScrollText} title="Nothing logged yet">
        The automation writes here what it does, once it runs.
      </EmptyState>
    );
  }
  const problems = logs.filter((line) => line.level === 'warn' || line.level === 'error');
  const shown = (filter === 'all' ? logs : problems).toReversed();
  return (
    <>
      <div className="p-3">
        <FilterChips
          label="Lines shown"
          value={filter}
          onChange={setFilter}
          choices={[
            { value: 'all', label: 'All lines', count: logs.length },
            { value: 'problems', label: 'Warnings and errors', count: problems.length },
          ]}
        />
      </div>
      <div className="border-t border-line">
        {shown.length === 0 ? (
          <p className="px-4 py-10 text-center text-ink-soft">No warnings and no errors.</p>
        ) : (
          <VirtualTable
            label="Log, newest line first"
            className="max-h-[32rem] text-[0.8125rem]"
            minWidth="34rem"
            rows={shown}
            rowKey={(line) => line.seq}
            columns={[
              {
                id: 'time',
                header: 'Time',
                track: '6.5rem',
                cell: (line) => (
                  <span className="tabular text-ink-faint">{TIME.format(new Date(line.createdAt))}</span>
                ),
              },
              {
                id: 'level',
                header: 'Level',
                track: '3.5rem',
                cell: (line) => (
                  <span className={cn('font-medium', LEVEL_STYLES[line.level])}>{line.level}</span>
                ),
              },
              { id: 'message', header: 'Message', track: '1fr', cell: (line) => line.message },
            ]}
          />
        )}
      </div>
    </>
  );
}
