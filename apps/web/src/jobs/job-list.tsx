import type { Job } from '@gantry/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { RelativeTime } from '../format/relative-time.tsx';
import { JobStatusBadge } from '../job/status-badge.tsx';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { Panel } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';
import type { JobPages } from './use-job-pages.ts';

/** Jobs, newest first, a line each. */
export function JobList({
  jobs,
  empty,
  actions,
}: {
  jobs: JobPages;
  /** What stands here when there are none. */
  empty: ReactNode;
  /** What can be done to a job from the list. */
  actions?: (job: Job) => ReactNode;
}) {
  if (jobs.error && !jobs.data) return <ErrorPanel error={jobs.error} onRetry={() => void jobs.refetch()} />;
  if (!jobs.data) return <SkeletonList label="Loading the jobs…" rows={6} className="h-14" />;
  const list = jobs.data.pages.flatMap((page) => page.jobs);
  if (list.length === 0) return <Panel>{empty}</Panel>;
  return (
    <div className="grid gap-4">
      <Panel
        aria-label="Jobs"
        aria-busy={jobs.isPlaceholderData}
        className={cn(jobs.isPlaceholderData && 'opacity-60')}
      >
        <ul>
          {list.map((job) => (
            <JobLine key={job.id} job={job} actions={actions?.(job)} />
          ))}
        </ul>
      </Panel>
      {jobs.hasNextPage && (
        <Button
          className="justify-self-center"
          disabled={jobs.isFetchingNextPage}
          onClick={() => void jobs.fetchNextPage()}
        >
          {jobs.isFetchingNextPage ? 'Loading…' : 'Show older jobs'}
        </Button>
      )}
    </div>
  );
}

function JobLine({ job, actions }: { job: Job; actions: ReactNode }) {
  const { progress } = job;
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 first:rounded-t-lg last:rounded-b-lg last:border-0 hover:bg-hover">
      <span className="w-28 shrink-0">
        <JobStatusBadge job={job} />
      </span>
      <span className="min-w-0 flex-1 max-sm:order-first max-sm:basis-full">
        {/* The link spans the line; what else can be pressed lies above it. */}
        <Link
          to="/jobs/$jobId"
          params={{ jobId: job.id }}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {job.fileName ?? job.serviceName}
        </Link>
        <span className="block truncate text-[0.8125rem] text-ink-faint">
          {job.error ? job.error.message : job.fileName === null ? job.id.slice(0, 8) : job.serviceName}
        </span>
      </span>
      <span className="tabular text-[0.8125rem] text-ink-soft sm:w-20 sm:text-right">
        {progress && progress.total > 0 && `${progress.done} / ${progress.total}`}
      </span>
      <span className="text-[0.8125rem] text-ink-faint max-sm:ml-auto sm:w-28 sm:text-right">
        <RelativeTime value={job.createdAt} />
      </span>
      {actions !== undefined && <span className="relative flex justify-end gap-1 sm:w-24">{actions}</span>}
    </li>
  );
}
