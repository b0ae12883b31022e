import type { JobStatusView } from '@gantry/client';
import { Link } from '@tanstack/react-router';
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { toast } from 'sonner';

import { formatDuration } from '../format/format-duration.ts';
import { RelativeTime } from '../format/relative-time.tsx';
import { TagLinks } from '../job-list/tag-links.tsx';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';

const PRIORITIES = ['Normal', 'High', 'Urgent'] as const;

/** The particulars of a job. */
export function JobFacts({ job }: { job: JobStatusView }) {
  const took =
    job.startedAt !== null && job.finishedAt !== null
      ? Date.parse(job.finishedAt) - Date.parse(job.startedAt)
      : null;
  return (
    <Panel aria-label="Particulars" className="p-4">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 lg:grid-cols-1">
        <Fact term="Submitted">
          <RelativeTime value={job.createdAt} />
        </Fact>
        {job.startedAt !== null && (
          <Fact term="Started">
            <RelativeTime value={job.startedAt} />
          </Fact>
        )}
        {job.finishedAt !== null && (
          <Fact term="Finished">
            <RelativeTime value={job.finishedAt} />
          </Fact>
        )}
        {took !== null && <Fact term="Took">{formatDuration(took)}</Fact>}
        <Fact term="Attempt">
          {job.attemptsUsed === 0 ? 'none yet' : job.attemptsUsed}{' '}
          <span className="text-ink-faint">
            of {job.maxAttempts}
            {/* Attempts before a retry by hand, and those that a worker gave back, do not count. */}
            {job.attempt > job.attemptsUsed && `, ${job.attempt} in all`}
          </span>
        </Fact>
        <Fact term="Queue">{job.queue}</Fact>
        {job.priority > 0 && <Fact term="Priority">{PRIORITIES[job.priority] ?? job.priority}</Fact>}
        {job.tags.length > 0 && (
          <Fact term="Tags">
            <TagLinks tags={job.tags} />
          </Fact>
        )}
        {job.rerunOf !== null && (
          <Fact term="Runs again">
            <Link
              to="/jobs/$jobId"
              params={{ jobId: job.rerunOf }}
              className="text-accent underline underline-offset-3"
            >
              an earlier job
            </Link>
          </Fact>
        )}
        {job.expiresAt !== null && (
          <Fact term="Results are deleted">
            <RelativeTime value={job.expiresAt} />
          </Fact>
        )}
        <Fact term="Job id">
          <span className="flex items-center gap-1">
            <span className="truncate font-mono text-xs">{job.id}</span>
            <Button
              look="quiet"
              aria-label="Copy the job id"
              className="size-7 px-0"
              onClick={() => {
                void navigator.clipboard.writeText(job.id).then(() => toast.success('Job id copied.'));
              }}
            >
              <Copy aria-hidden className="size-3.5!" />
            </Button>
          </span>
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[0.8125rem] text-ink-faint">{term}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}
