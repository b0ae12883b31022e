import type { JobStatusView, RowResult } from '@gantry/client';
import { describeFailedRows, describeWaitTime, type LiveJob } from '@gantry/react';
import { waitText } from '../job-status/wait-text.ts';
import { Panel } from '../ui/panel.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { JobSteps } from './log/job-steps.tsx';
import { countRows } from './rows/count-rows.ts';

/** How far the job is, what it does now, and how the rows came out so far. */
export function JobProgress({
  job,
  live,
}: {
  job: JobStatusView;
  live: Pick<LiveJob, 'rows' | 'steps' | 'states'>;
}) {
  const { progress } = job;
  const done = progress && progress.total > 0 ? progress.done / progress.total : null;
  const value = job.status === 'completed' ? 1 : done;
  return (
    <Panel aria-label="Progress" className="p-4">
      {job.status === 'pending' ? (
        <Waiting job={job} />
      ) : (
        <div className="grid gap-3">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <p className="font-medium">
              {job.status === 'processing' ? (job.step ?? 'Opening the browser') : FINISHED_TEXT[job.status]}
            </p>
            {progress && progress.total > 0 && (
              <p className="tabular text-ink-soft">
                {progress.done.toLocaleString('en')} of {progress.total.toLocaleString('en')}
              </p>
            )}
          </div>
          {(job.status === 'processing' || value !== null) && (
            <ProgressBar
              label="Progress of the job"
              value={value}
              tone={describeFailedRows(job) === null ? TONES[job.status] : 'warn'}
            />
          )}
          <RowCounts rows={live.rows} />
        </div>
      )}
      {job.status !== 'completed' && <JobSteps live={live} status={job.status} />}
    </Panel>
  );
}

const FINISHED_TEXT = { completed: 'Finished', failed: 'Stopped', cancelled: 'Cancelled' } as const;
const TONES = { processing: 'accent', completed: 'good', failed: 'bad', cancelled: 'neutral' } as const;

function Waiting({ job }: { job: JobStatusView }) {
  const time = describeWaitTime(job);
  return (
    <dl className="grid gap-1">
      {time !== null && (
        <>
          <dt className="text-[0.8125rem] text-ink-faint">Starts in</dt>
          <dd className="tabular text-2xl font-semibold first-letter:uppercase">{time}</dd>
        </>
      )}
      <dt className="sr-only">Why it waits</dt>
      <dd className="text-ink-soft">{waitText(job)}</dd>
    </dl>
  );
}

function RowCounts({ rows }: { rows: ReadonlyMap<number, RowResult> }) {
  const parts = Object.entries(countRows(rows)).filter(([, value]) => value > 0);
  if (parts.length === 0) return null;
  return (
    <ul className="tabular flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem] text-ink-soft">
      {parts.map(([status, value]) => (
        <li key={status}>
          <span className="font-medium text-ink">{value.toLocaleString('en')}</span> {status}
        </li>
      ))}
    </ul>
  );
}
