import { isFinished, type JobStatusView } from '@gantry/client';
import { useEffect, useRef } from 'react';

import { describeJob } from './describe-job.ts';
import { rowPlace } from './row-place.ts';
import { useCancelJob } from './use-cancel-job.ts';
import { useJob } from './use-job.ts';

/** What {@link QueueStatus} shows. */
export type QueueStatusProps = {
  jobId: string;
  /** The job's owner. Accepted for compatibility and ignored: the access token says who is asking. */
  userId?: string;
  /** Called once, when the job has finished; also if it had finished before. */
  onComplete?: (job: JobStatusView) => void;
};

const ROWS_SHOWN = 5;

/**
 * A job's state, place in the queue, estimated wait, progress and last rows, live, with a button to cancel it.
 * Unstyled but for class names; `@gantry/react/styles.css` has a look for them.
 *
 * @example <QueueStatus jobId={jobId} userId={user.id} onComplete={(job) => console.log(job.status)} />
 */
export function QueueStatus({ jobId, onComplete }: QueueStatusProps) {
  const { job, rows, error, connection } = useJob(jobId);
  const cancel = useCancelJob();
  useOnComplete(job, onComplete);

  if (!job) {
    return (
      <section className="gantry-status" aria-busy={!error}>
        {error ? <p role="alert">{error.message}</p> : <p>Loading the job…</p>}
      </section>
    );
  }
  const { done, total } = job.progress ?? { done: 0, total: 0 };
  return (
    <section
      className="gantry-status"
      data-status={job.status}
      aria-label={`Job ${job.fileName ?? job.serviceName}`}
    >
      <output className="gantry-status-line">{describeJob(job)}</output>
      {job.status === 'processing' && (
        <>
          <progress
            className="gantry-progress"
            aria-label="Progress"
            {...(total > 0 && { value: done, max: total })}
          />
          {total > 0 && (
            <p className="gantry-count">
              {done} of {total}
            </p>
          )}
          {job.step !== null && <p className="gantry-step">{job.step}</p>}
        </>
      )}
      {rows.size > 0 && (
        <ol className="gantry-rows" aria-label="Newest rows">
          {[...rows.values()].slice(-ROWS_SHOWN).map((row) => (
            <li key={row.index} data-status={row.status}>
              {row.key || rowPlace(row)}: {row.error?.message ?? row.status}
            </li>
          ))}
        </ol>
      )}
      {job.error && <p className="gantry-error">{job.error.message}</p>}
      {!isFinished(job.status) && (
        <button type="button" disabled={cancel.isPending} onClick={() => cancel.mutate(job.id)}>
          Cancel
        </button>
      )}
      {!isFinished(job.status) && connection !== 'live' && <p className="gantry-connection">Connecting…</p>}
    </section>
  );
}

function useOnComplete(job: JobStatusView | null, onComplete: QueueStatusProps['onComplete']): void {
  const told = useRef<string>(null);
  useEffect(() => {
    if (!job || !isFinished(job.status) || told.current === job.id) return;
    told.current = job.id;
    onComplete?.(job);
  }, [job, onComplete]);
}
