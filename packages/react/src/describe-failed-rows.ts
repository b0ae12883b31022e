import type { JobStatusView } from '@gantry/client';

/**
 * What the state of a completed job does not tell: `2 of 6 rows failed`, or `2 rows failed` where the total is unknown.
 * Null where none did, and for jobs that did not complete.
 */
export function describeFailedRows(
  job: Pick<JobStatusView, 'status' | 'failedRows' | 'progress'>,
): string | null {
  if (job.status !== 'completed' || !job.failedRows) return null;
  const failed = job.failedRows.toLocaleString('en');
  const total = Math.max(job.failedRows, job.progress?.total ?? 0);
  const rows = total === 1 ? 'row' : 'rows';
  return job.progress
    ? `${failed} of ${total.toLocaleString('en')} ${rows} failed`
    : `${failed} ${rows} failed`;
}
