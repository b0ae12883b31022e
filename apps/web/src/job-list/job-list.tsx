import type { Job } from '@gantry/client';
import type { ReactNode } from 'react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/cn.ts';
import { Panel } from '../ui/panel.tsx';
import { SkeletonList } from '../ui/skeleton.tsx';
import { JobLine } from './job-line.tsx';
import type { JobPages } from './use-job-pages.ts';

/** Jobs, newest first, a line each. */
export function JobList({
  jobs,
  empty,
  renderActions,
}: {
  jobs: JobPages;
  /** Shown when there are none. */
  empty: ReactNode;
  /** What can be done to a job from the list. */
  renderActions?: (job: Job) => ReactNode;
}) {
  if (jobs.error && !jobs.data) return <ErrorPanel error={jobs.error} onRetry={() => void jobs.refetch()} />;
  if (!jobs.data) return <SkeletonList label="Loading the jobs…" rows={6} className="h-14" />;
  const list = jobs.data.pages.flatMap((page) => page.jobs);
  if (list.length === 0) return <Panel>{empty}</Panel>;
  return (
    <div className="grid grid-cols-1 gap-4">
      <Panel
        aria-label="Jobs"
        aria-busy={jobs.isPlaceholderData}
        className={cn(jobs.isPlaceholderData && 'opacity-60')}
      >
        <ul>
          {list.map((job) => (
            <JobLine key={job.id} job={job} actions={renderActions?.(job)} />
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
