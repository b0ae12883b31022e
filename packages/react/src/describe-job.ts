import type { JobStatusView } from '@gantry/client';

import { describeFailedRows } from './describe-failed-rows.ts';
import { describeWait } from './describe-wait.ts';

/** A job's state in one sentence. */
export function describeJob(job: JobStatusView): string {
  if (job.status === 'pending') return `Waiting: ${describeWait(job)}.`;
  if (job.status === 'processing') return `Running, attempt ${job.attemptsUsed} of ${job.maxAttempts}.`;
  if (job.status === 'completed') {
    const failedRows = describeFailedRows(job);
    return failedRows === null ? 'Completed.' : `Completed, but ${failedRows}.`;
  }
  if (job.status === 'failed') return 'Failed.';
  return 'Cancelled.';
}
