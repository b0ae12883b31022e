import type { JobStatusView } from '@gantry/client';

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Why a pending job waits, in a sentence. */
export function waitText({
  wait,
  queue,
  attempt,
  error,
}: Pick<JobStatusView, 'wait' | 'queue' | 'attempt' | 'error'>): string {
  switch (wait?.code) {
    case 'next':
      return 'It is next: it starts as soon as a browser is free.';
    case 'ahead':
      return wait.count === 1 ? 'One job goes first.' : `${wait.count} jobs go first.`;
    case 'more_ahead':
      return `More than ${wait.count.toLocaleString('en')} jobs go first.`;
    case 'queue_paused':
      return `The queue “${queue}” is paused by an administrator. The job starts when it goes on.`;
    case 'no_worker':
      return 'No worker for this service is running. The job starts when one does.';
    case 'blocked':
      return `It starts when ${wait.count === 1 ? 'another job has' : `${wait.count} other jobs have`} finished.`;
    case 'scheduled':
      return `It is scheduled for ${DATE_TIME.format(new Date(wait.at))}.`;
    case 'retrying':
      return `Attempt ${attempt} failed${error ? `: ${error.message.replace(/\.$/, '')}` : ''}. It is tried again after a pause.`;
    default:
      return 'It waits for its turn.';
  }
}
