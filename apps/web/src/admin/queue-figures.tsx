import { useQueueInfo } from '@gantry/react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { RelativeTime } from '../format/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

const FIGURES = [
  { key: 'pending', label: 'Pending' },
  { key: 'processing', label: 'Processing' },
  { key: 'completed', label: 'Completed' },
  { key: 'failed', label: 'Failed' },
  { key: 'cancelled', label: 'Cancelled' },
  { key: 'activeWorkers', label: 'Active workers' },
] as const;

/** Among very many jobs the figures are counted now and then. */
const WORTH_MENTIONING_MS = 10_000;

/** How many jobs are in which state, and who works on them. */
export function QueueFigures() {
  const info = useQueueInfo();
  if (info.error && !info.data) return <ErrorPanel error={info.error} onRetry={() => void info.refetch()} />;
  return (
    <div>
      <dl
        aria-busy={!info.data}
        className="grid grid-cols-3 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-6"
      >
        {FIGURES.map(({ key, label }) => (
          <div key={key} className="bg-surface px-3 py-3 sm:px-4">
            <dt className="text-[0.8125rem] text-ink-faint">{label}</dt>
            <dd className="tabular mt-0.5 text-2xl font-semibold">
              {info.data ? info.data[key].toLocaleString('en') : <Skeleton className="my-1 h-6 w-12" />}
            </dd>
          </div>
        ))}
      </dl>
      {info.data && info.dataUpdatedAt - Date.parse(info.data.countedAt) > WORTH_MENTIONING_MS && (
        <p className="mt-1.5 text-right text-[0.8125rem] text-ink-faint">
          Counted <RelativeTime value={info.data.countedAt} />
        </p>
      )}
    </div>
  );
}
