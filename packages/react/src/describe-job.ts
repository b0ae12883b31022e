import type { JobStatusView } from '@gantry/client';

/** A job's state in one sentence. */
export function describeJob(job: JobStatusView): string {
  if (job.status === 'pending') return describeWait(job);
  if (job.status === 'processing') return `Running, attempt ${job.attemptsUsed} of ${job.maxAttempts}.`;
  if (job.status === 'completed') return 'Completed.';
  if (job.status === 'failed') return 'Failed.';
  return 'Cancelled.';
}

function describeWait({ queuePosition, estimatedWaitTime, waitReason }: JobStatusView): string {
  const place = queuePosition === null ? 'Waiting' : `Number ${queuePosition} in the queue`;
  const reason = waitReason === null || /^(next|\d+ ahead)$/.test(waitReason) ? '' : ` (${waitReason})`;
  if (estimatedWaitTime === null) return `${place}${reason}.`;
  const minutes = Math.round(estimatedWaitTime / 60_000);
  return `${place}${reason}, ${minutes < 1 ? 'less than a minute' : `about ${minutes} min`} to go.`;
}
