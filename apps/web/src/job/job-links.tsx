import type { JobDependencies } from '@gantry/client';
import { useGantryClient } from '@gantry/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { ErrorPanel } from '../errors/error-panel.tsx';
import { JobStatusBadge } from '../job-status/status-badge.tsx';
import { Panel } from '../ui/panel.tsx';

const REFRESH_MS = 5_000;

type LinkedJob = JobDependencies['dependsOn'][number];

/** What a job waits for or ran after, and what runs after it; nothing for a job without dependencies. */
export function JobLinks({ jobId }: { jobId: string }) {
  const client = useGantryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['gantry', 'dependencies', jobId],
    queryFn: () => client.jobs.dependencies(jobId),
    refetchInterval: ({ state }) =>
      state.data && [...state.data.dependsOn, ...state.data.dependents].some(({ isOpen }) => isOpen)
        ? REFRESH_MS
        : false,
  });
  if (!data && error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data || data.dependsOn.length + data.dependents.length === 0) return null;
  const isWaiting = data.dependsOn.some(({ isOpen }) => isOpen);
  return (
    <Panel aria-label="Related jobs" className="grid gap-3 p-4">
      <Links title={isWaiting ? 'Waits for' : 'Ran after'} jobs={data.dependsOn} choices={FROM_HERE} />
      <Links title="Then runs" jobs={data.dependents} choices={FROM_THERE} />
    </Panel>
  );
}

function Links({ title, jobs, choices }: { title: string; jobs: LinkedJob[]; choices: Choices }) {
  if (jobs.length === 0) return null;
  return (
    <div>
      <h2 className="mb-1.5 text-[0.8125rem] text-ink-faint">{title}</h2>
      <ul className="grid gap-1.5">
        {jobs.map((job) => (
          <li key={job.jobId} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <JobStatusBadge job={{ status: job.status }} />
            <Link
              to="/jobs/$jobId"
              params={{ jobId: job.jobId }}
              className="min-w-0 truncate text-accent underline underline-offset-3"
            >
              {job.fileName ?? job.serviceName}
              <span className="sr-only">, job {job.jobId.slice(-8)}</span>
            </Link>
            {job.isOpen && <span className="text-[0.8125rem] text-ink-faint">{choices[job.onFailure]}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What was chosen for the case that a job does not complete, in words. */
type Choices = Record<LinkedJob['onFailure'], string>;

const FROM_HERE: Choices = {
  fail: 'This job fails unless that one completes.',
  cancel: 'This job is cancelled unless that one completes.',
  run: 'Whatever its end.',
};
const FROM_THERE: Choices = {
  fail: 'Fails unless this job completes.',
  cancel: 'Is cancelled unless this job completes.',
  run: 'Whatever the end of this job.',
};
