import type { Worker } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleDot, CircleOff, HardDrive, Hourglass, type LucideIcon, Unplug } from 'lucide-react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { RelativeTime } from '../format/relative-time.tsx';
import { cn } from '../ui/cn.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panel, PanelHeader } from '../ui/panel.tsx';
import { SCROLL_REGION } from '../ui/scroll-region.ts';
import { SkeletonList } from '../ui/skeleton.tsx';

const REFRESH_MS = 5_000;

const LOOKS: Record<Worker['status'], { label: string; icon: LucideIcon; className: string }> = {
  active: { label: 'Active', icon: CircleDot, className: 'text-good' },
  draining: { label: 'Draining', icon: Hourglass, className: 'text-warn' },
  stopped: { label: 'Stopped', icon: CircleOff, className: 'text-ink-faint' },
  lost: { label: 'Lost', icon: Unplug, className: 'text-bad' },
};

/** The workers and what each of them runs. */
export function WorkerPanel() {
  const client = useGantryClient();
  const workers = useQuery({
    queryKey: ['gantry', 'workers'],
    queryFn: client.admin.workers,
    refetchInterval: REFRESH_MS,
  });
  return (
    <Panel aria-labelledby="workers-title">
      <PanelHeader id="workers-title" title="Workers" />
      {workers.error && !workers.data ? (
        <div className="p-4">
          <ErrorPanel error={workers.error} onRetry={() => void workers.refetch()} />
        </div>
      ) : !workers.data ? (
        <div className="p-4">
          <SkeletonList label="Loading the workers…" rows={2} />
        </div>
      ) : workers.data.length === 0 ? (
        <EmptyState icon={HardDrive} title="No worker is up">
          Jobs wait until one starts: <code className="font-mono text-xs">pnpm start:worker</code>
        </EmptyState>
      ) : (
        <ul className="max-h-80 overflow-y-auto" {...SCROLL_REGION} aria-label="Workers">
          {workers.data.map((worker) => (
            <WorkerLine key={worker.id} worker={worker} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function WorkerLine({ worker }: { worker: Worker }) {
  const { label, icon: Icon, className } = LOOKS[worker.status];
  return (
    <li className="border-b border-line px-4 py-3 last:border-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="min-w-0 truncate font-medium">
          {worker.host} <span className="tabular font-normal text-ink-faint">process {worker.pid}</span>
        </p>
        <p className={cn('flex items-center gap-1.5 text-[0.8125rem] font-medium', className)}>
          <Icon aria-hidden className="size-4" /> {label}
        </p>
      </div>
      <p className="tabular text-[0.8125rem] text-ink-faint">
        version {worker.version}, up to {worker.concurrency} at once
        {worker.queues && <>, only of {worker.queues.join(', ')}</>}, last heard of{' '}
        <RelativeTime value={worker.heartbeatAt} />
      </p>
      {worker.running.length > 0 && (
        <ul className="mt-1.5 grid gap-0.5 text-[0.8125rem]">
          {worker.running.map(({ jobId, serviceId, attempt }) => (
            <li key={jobId} className="truncate">
              runs{' '}
              <Link
                to="/jobs/$jobId"
                params={{ jobId }}
                className="text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent"
              >
                {serviceId} {jobId.slice(-8)}
              </Link>
              , attempt {attempt}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
