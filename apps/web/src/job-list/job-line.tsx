import type { Job } from '@gantry/client';
import { describeFailedRows } from '@gantry/react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { RelativeTime } from '../format/relative-time.tsx';
import { JobStatusBadge } from '../job-status/status-badge.tsx';

/** A job as a line of a list. The whole line is its link. */
export function JobLine({ job, actions }: { job: Job; actions?: ReactNode }) {
  const { progress } = job;
  const failedRows = describeFailedRows(job);
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 first:rounded-t-lg last:rounded-b-lg last:border-0 hover:bg-hover">
      <span className="w-28 shrink-0">
        <JobStatusBadge job={job} />
      </span>
      <span className="min-w-0 flex-1 max-sm:order-first max-sm:basis-full">
        {/* The link spans the line; other controls are above it. */}
        <Link
          to="/jobs/$jobId"
          params={{ jobId: job.id }}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {job.fileName ?? job.serviceName}
        </Link>
        <span className="block truncate text-[0.8125rem] text-ink-faint">
          {failedRows !== null && <span className="text-warn">{failedRows} · </span>}
          {job.error ? job.error.message : job.fileName === null ? job.id.slice(-8) : job.serviceName}
          {job.tags.length > 0 && ` · ${job.tags.join(', ')}`}
        </span>
      </span>
      <span className="tabular text-[0.8125rem] text-ink-soft sm:w-20 sm:text-right">
        {progress &&
          progress.total > 0 &&
          `${progress.done.toLocaleString('en')} / ${progress.total.toLocaleString('en')}`}
      </span>
      <span className="text-[0.8125rem] text-ink-faint max-sm:ml-auto sm:w-28 sm:text-right">
        <RelativeTime value={job.createdAt} />
      </span>
      {actions !== undefined && (
        <span className="relative flex justify-end gap-1 max-sm:ml-auto sm:w-24">{actions}</span>
      )}
    </li>
  );
}
