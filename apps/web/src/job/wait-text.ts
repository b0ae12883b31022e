import type { JobStatusView } from '@gantry/client';

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Why a pending job waits, in a sentence. */
export function waitText({
  waitReason: reason,
  ...job
}: Pick<JobStatusView, 'waitReason' | 'queue' | 'attempt' | 'error'>): string {
  switch (reason?.code) {
    case 'next':
      return 'It is next: it starts as soon as a browser is free.';
    case 'ahead':
      if (reason.count === 1) return 'One job goes first.';
      return `${reason.isMore ? 'More than ' : ''}${reason.count.toLocaleString('en')} jobs go first.`;
    case 'queue_paused':
      return `The queue “${job.queue}” is paused by an administrator. The job starts when it goes on.`;
    case 'no_worker':
      return 'No worker for this service is running. The job starts when one does.';
    case 'blocked':
      return `It starts when ${reason.jobs === 1 ? 'another job has' : `${reason.jobs} other jobs have`} finished.`;
    case 'scheduled':
      return `It is scheduled for ${DATE_TIME.format(new Date(reason.runAt))}.`;
    case 'retry':
      return `Attempt ${job.attempt} failed${job.error ? `: ${job.error.message.replace(/\.$/, '')}` : ''}. It is tried again after a pause.`;
    default:
      return 'It waits for its turn.';
  }
}
