import type { AnswerColumn, RowResult } from '@gantry/client';
import { type JobFile, rowPlace } from '@gantry/react';
import { RowStatusBadge } from '../../job-status/status-badge.tsx';
import type { VirtualColumn } from '../../ui/virtual-table.tsx';
import { AnswerValue } from './answer-value.tsx';

/** Why a row failed needs a place also where no answer has one. */
const NO_ANSWERS: AnswerColumn[] = [{ key: 'answer', label: 'Answer', type: 'text' }];

/** The columns that every result has, before those that the service answers. */
export const FIXED_COLUMNS = 3;

/** The columns of a result: its line in the user's file, its key, its state, and what the service answers. */
export function rowColumns(o: {
  answers: readonly AnswerColumn[];
  /** Whether any of the rows comes from a file. */
  hasLines: boolean;
  artifacts: readonly JobFile[];
  onOpen: (row: RowResult) => void;
}): VirtualColumn<RowResult>[] {
  return [
    {
      id: 'place',
      header: o.hasLines ? 'Line' : '#',
      track: '2.25rem',
      isNumeric: true,
      cell: (row) => <span className="text-ink-faint">{o.hasLines ? (row.line ?? '–') : row.index + 1}</span>,
    },
    {
      id: 'key',
      header: 'Row',
      track: 'minmax(7.5rem, 1fr)',
      cell: (row) => (
        <button
          type="button"
          onClick={() => o.onOpen(row)}
          className="block max-w-full truncate py-0.5 text-left font-mono text-[0.8125rem] text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent"
        >
          {row.key === '' ? rowPlace(row) : row.key}
        </button>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      track: '6.75rem',
      cell: (row) => <RowStatusBadge status={row.status} />,
    },
    ...(o.answers.length > 0 ? o.answers : NO_ANSWERS).map(
      ({ key, label, type }): VirtualColumn<RowResult> => ({
        id: `data-${key}`,
        header: <span title={label}>{label}</span>,
        track: 'minmax(7rem, 1.1fr)',
        isNumeric: type === 'number',
        cell: (row) => (
          <span className="line-clamp-2 text-[0.8125rem]">
            <AnswerValue value={row.data[key]} type={type} artifacts={o.artifacts} />
          </span>
        ),
      }),
    ),
  ];
}
