import type { JobStatus, JobStatusView, RowResult } from '@gantry/client';
import { describeFailedRows, useJob } from '@gantry/react';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { JobStatusBadge } from '../job-status/status-badge.tsx';
import { LivePanel } from '../live/live-panel.tsx';
import { PageHeading } from '../page/page-heading.tsx';
import { PageLoading } from '../page/page-loading.tsx';
import { useExpiredSession } from '../session/use-expired-session.ts';
import { FailureEvidence } from './files/failure-evidence.tsx';
import { JobActions } from './job-actions.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobLinks } from './job-links.tsx';
import { JobOutcome } from './job-outcome.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobTabs } from './job-tabs.tsx';
import { LiveState } from './live-state.tsx';
import { countRows } from './rows/count-rows.ts';

/** A tab in the background shows only its title, which says when the job has ended. */
const TITLES: Partial<Record<JobStatus, string>> = {
  completed: 'Completed: ',
  failed: 'Failed: ',
  cancelled: 'Cancelled: ',
};

/** One job: its state, live, and its results. */
export function JobPage() {
  const { jobId } = useParams({ from: '/member/jobs/$jobId' });
  const live = useJob(jobId);
  const job = live.job && withFailedRows(live.job, live.rows);
  useExpiredSession(live.error);
  if (!job) {
    if (!live.error) return <PageLoading />;
    return (
      <>
        <PageHeading title="Job" />
        <ErrorPanel error={live.error} />
        {live.connection === 'offline' && <p className="mt-3 text-ink-soft">Trying again by itself…</p>}
      </>
    );
  }
  const name = job.fileName ?? job.serviceName;
  const failedRows = describeFailedRows(job);
  return (
    <>
      <Link to="/jobs" className="mb-3 inline-flex items-center gap-1.5 text-ink-soft hover:text-ink">
        <ArrowLeft aria-hidden className="size-4" /> My jobs
      </Link>
      <PageHeading
        title={name}
        tabTitle={`${failedRows === null ? (TITLES[job.status] ?? '') : 'Completed, rows failed: '}${name}`}
        description={
          <output className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <JobStatusBadge job={job} wait={job.wait} />
            {failedRows !== null && <span className="font-medium text-warn">{failedRows}</span>}
            {job.fileName !== null && <span>{job.serviceName}</span>}
            <LiveState job={job} connection={live.connection} />
          </output>
        }
      >
        <JobActions job={job} artifacts={live.artifacts} />
      </PageHeading>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <div className="grid min-w-0 gap-4">
          <JobOutcome job={job} artifacts={live.artifacts} />
          <JobProgress job={job} live={live} />
          {job.status === 'failed' && <FailureEvidence artifacts={live.artifacts} />}
          <LivePanel job={job} />
          <JobLinks jobId={job.id} />
          <JobTabs job={job} live={live} />
        </div>
        <JobFacts job={job} />
      </div>
    </>
  );
}

/** Of a completed job the rows at hand are counted too: not every service says in its summary how many failed. */
function withFailedRows(job: JobStatusView, rows: ReadonlyMap<number, RowResult>): JobStatusView {
  if (job.status !== 'completed') return job;
  return { ...job, failedRows: Math.max(job.failedRows ?? 0, countRows(rows).failed) };
}
