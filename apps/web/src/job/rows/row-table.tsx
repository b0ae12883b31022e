import { isFinished, type JobStatusView, type RowResult } from '@gantry/client';
import { type JobFile, useServices } from '@gantry/react';
import { Download, Rows3, Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';

import { count } from '../../format/count.ts';
import { saveFile } from '../../format/save-file.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextInput } from '../../ui/field.tsx';
import { FilterChips } from '../../ui/filter-chips.tsx';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import { answerColumns } from './answer-columns.ts';
import { answerText } from './answer-value.tsx';
import { FIXED_COLUMNS, rowColumns } from './row-columns.tsx';
import { RowDialog } from './row-dialog.tsx';
import { rowsCsv } from './rows-csv.ts';

const STATUSES = ['all', 'completed', 'failed', 'invalid', 'duplicate'] as const;

/** The reason for a missing answer is shown in its place. */
const REMARK = {
  fromColumn: FIXED_COLUMNS,
  of: (row: RowResult) => row.error && <span className="text-ink-soft">{row.error.message}</span>,
};

/** The answers, row by row, as they come in. */
export function RowTable({
  job,
  rows,
  artifacts,
}: {
  job: JobStatusView;
  rows: ReadonlyMap<number, RowResult>;
  artifacts: readonly JobFile[];
}) {
  const [status, setStatus] = useState<(typeof STATUSES)[number]>('all');
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState<RowResult | null>(null);
  // Thousands of rows arrive while the user types: the list may lag behind, typing may not.
  const current = useDeferredValue(rows);
  const sorted = useMemo(() => [...current.values()].sort((a, b) => a.index - b.index), [current]);
  const services = useServices();
  const answers = useMemo(() => {
    // Columns that came before those of the service would move when these are known.
    if (services.isPending) return [];
    const service = services.data?.find(({ id }) => id === job.serviceId);
    return answerColumns(service?.answerColumns ?? [], current.values());
  }, [services.isPending, services.data, job.serviceId, current]);
  const hasLines = sorted.some(({ line }) => line !== null);
  const columns = useMemo(
    () => rowColumns({ answers, hasLines, artifacts, onOpen: setOpened }),
    [answers, hasLines, artifacts],
  );
  const needle = search.trim().toLowerCase();
  const shown = sorted.filter(
    (row) => (status === 'all' || row.status === status) && (needle === '' || textOf(row).includes(needle)),
  );

  if (rows.size === 0) {
    return (
      <EmptyState icon={Rows3} title={isFinished(job.status) ? 'No rows' : 'No row is finished yet'}>
        {isFinished(job.status)
          ? 'The job ended before it finished a row. The log tells how far it came.'
          : 'Answers appear here one by one, while the job runs.'}
      </EmptyState>
    );
  }
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3 p-3">
        <FilterChips
          label="Rows shown"
          value={status}
          onChange={setStatus}
          choices={STATUSES.map((value) => ({
            value,
            label: value === 'all' ? 'All' : value.charAt(0).toUpperCase() + value.slice(1),
            count: value === 'all' ? sorted.length : sorted.filter((row) => row.status === value).length,
          }))}
        />
        <div className="flex w-full gap-2 sm:w-auto">
          <div className="relative min-w-0 flex-1 sm:w-48">
            <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
            <TextInput
              type="search"
              aria-label="Search in the rows"
              placeholder="Search in the rows"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              className="pl-8.5"
            />
          </div>
          <Button
            aria-label="Download these rows as CSV"
            disabled={shown.length === 0}
            onClick={() => saveFile(rowsCsv(shown, answers), `${job.fileName ?? job.serviceName} rows.csv`)}
          >
            <Download aria-hidden /> CSV
          </Button>
        </div>
      </div>
      <div className="border-t border-line">
        {shown.length === 0 ? (
          <p className="px-4 py-10 text-center text-ink-soft">No row matches.</p>
        ) : (
          <VirtualTable
            label={`Rows, ${count(shown.length, 'row')}`}
            className="max-h-[32rem]"
            minWidth={`${20 + 7.75 * answers.length}rem`}
            rows={shown}
            rowKey={(row) => row.index}
            columns={columns}
            remark={REMARK}
          />
        )}
      </div>
      <RowDialog row={opened} answers={answers} artifacts={artifacts} onClose={() => setOpened(null)} />
    </>
  );
}

function textOf(row: RowResult): string {
  return [row.key, row.error?.message ?? '', ...Object.values(row.data).map(answerText)]
    .join(' ')
    .toLowerCase();
}
