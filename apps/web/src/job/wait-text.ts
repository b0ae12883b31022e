import type { JobStatusView } from '@gantry/client';

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Why a pending job waits, in a sentence. */
export function waitText(
  job: Pick<JobStatusView, 'waitReason' | 'queue' | 'attempt' | 'error' | 'runAt'>,
): string {
  switch (job.waitReason) {
    case 'next':
      return 'It is next: it starts as soon as a browser is free.';
    case 'queue paused':
      return `The queue “${job.queue}” is paused by an administrator. The job starts when it goes on.`;
    case 'waiting to retry':
      return `Attempt ${job.attempt} failed${job.error ? `: ${job.error.message.replace(/\.$/, '')}` : ''}. It is tried again after a pause.`;
    case 'no worker for this service':
      return 'No worker for this service is running. The job starts when one does.';
    case null:
      return 'It waits for its turn.';
    default:
      return countedText(job.waitReason, job.runAt);
  }
}

function countedText(reason: string, runAt: string): string {
  if (reason.startsWith('scheduled for ')) return `It is scheduled for ${DATE_TIME.format(new Date(runAt))}.`;
  const [, others] = /^waits for (\d+) jobs?$/.exec(reason) ?? [];
  if (others !== undefined)
    return `It starts when ${others === '1' ? 'another job has' : `${others} other jobs have`} finished.`;
  const [, ahead] = /^((?:over )?[\d,]+) ahead$/.exec(reason) ?? [];
  if (ahead === undefined) return `It waits: ${reason}.`;
  if (ahead === '1') return 'One job goes first.';
  return `${ahead.replace('over', 'More than')} jobs go first.`;
}
