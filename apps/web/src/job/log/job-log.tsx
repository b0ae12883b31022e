import type { LiveJob } from '@gantry/react';
import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';

import { cn } from '../../ui/cn.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FilterChips } from '../../ui/filter-chips.tsx';
import { type VirtualColumn, VirtualTable } from '../../ui/virtual-table.tsx';
import { type ActivityLine, activityOf } from './activity.ts';

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const LEVEL_STYLES = {
  debug: 'text-ink-faint',
  info: 'text-ink-soft',
  warn: 'text-warn',
  error: 'text-bad',
} as const;

/** On a phone the level is beyond the edge: what went wrong shows all the same. */
const MESSAGE_STYLES = { debug: '', info: '', warn: 'text-warn', error: 'text-bad' } as const;

const COLUMNS: VirtualColumn<ActivityLine>[] = [
  {
    id: 'time',
    header: 'Time',
    track: '6.5rem',
    cell: (line) => <span className="tabular text-ink-faint">{TIME.format(new Date(line.createdAt))}</span>,
  },
  {
    id: 'message',
    header: 'Message',
    track: '1fr',
    cell: (line) => <span className={MESSAGE_STYLES[line.level]}>{line.message}</span>,
  },
  {
    id: 'level',
    header: 'Level',
    track: '3.5rem',
    cell: (line) => <span className={cn('font-medium', LEVEL_STYLES[line.level])}>{line.level}</span>,
  },
  {
    id: 'source',
    header: 'From',
    track: '3.5rem',
    cell: (line) => <span className="text-ink-faint">{line.source}</span>,
  },
];

/** Everything that happened, newest first. */
export function JobLog({ live }: { live: LiveJob }) {
  const { logs, steps, states, rows } = live;
  const [filter, setFilter] = useState<'all' | 'problems'>('all');
  const lines = useMemo(() => activityOf({ logs, steps, states, rows }), [logs, steps, states, rows]);
  const problems = lines.filter((line) => line.level === 'warn' || line.level === 'error');
  const shown = filter === 'all' ? lines : problems;
  if (lines.length === 0) {
    return (
      <EmptyState icon={ScrollText} title="Nothing has happened yet">
        What the job does is written here, line by line.
      </EmptyState>
    );
  }
  return (
    <>
      <div className="p-3">
        <FilterChips
          label="Lines shown"
          value={filter}
          onChange={setFilter}
          choices={[
            { value: 'all', label: 'All lines', count: lines.length },
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
            minWidth="30rem"
            rows={shown}
            rowKey={(line) => line.seq}
            columns={COLUMNS}
          />
        )}
      </div>
    </>
  );
}
