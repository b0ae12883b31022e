import type { JobStatusView } from '@gantry/client';

/** Why a pending job waits, in a sentence. */
export function waitText(job: Pick<JobStatusView, 'waitReason' | 'queue' | 'attempt' | 'error'>): string {
  switch (job.waitReason) {
    case 'next':
      return 'It is next: it starts as soon as a browser is free.';
    case 'queue paused':
      return `The queue “${job.queue}” is paused by an administrator. The job starts when it goes on.`;
    case 'scheduled':
      return 'It is scheduled and waits for its time.';
    case 'waiting to retry':
      return `Attempt ${job.attempt} failed${job.error ? `: ${job.error.message}` : ''}. It is tried again after a pause.`;
    case 'no worker for this service':
      return 'No worker that can run this service is up. It starts when one is.';
    case null:
      return 'It waits for its turn.';
    default:
      return aheadText(job.waitReason);
  }
}

function aheadText(reason: string): string {
  const ahead = /^(\d+) ahead$/.exec(reason)?.[1];
  if (ahead === undefined) return `It waits: ${reason}.`;
  return ahead === '1' ? 'One job is ahead of it.' : `${ahead} jobs are ahead of it.`;
}
