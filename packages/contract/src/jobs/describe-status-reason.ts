import type { StatusReason } from './status-reason.ts';

const TEXTS: Record<StatusReason['code'], string> = {
  submitted: 'submitted',
  claimed: 'claimed',
  completed: 'completed',
  retry: 'retry',
  permanent_error: 'permanent error',
  attempts_used_up: 'attempts used up',
  released: 'released',
  worker_lost: 'worker lost',
  worker_lost_last_attempt: 'worker lost',
  worker_lost_repeatedly: 'worker lost',
  dependency_failed: 'dependency failed',
  cancelled_by_owner: 'cancelled by owner',
  cancelled_by_admin: 'cancelled by admin',
  retried_by_owner: 'retried by owner',
  retried_by_admin: 'retried by admin',
};

/** Why a job has its status, in a few words: `claimed`, `worker lost`. */
export function describeStatusReason(reason: StatusReason): string {
  return TEXTS[reason.code];
}

/**
 * The sentence for an error of a job that the queue itself found, and no automation: the database stores its code only.
 *
 * @param reason of the status that the job had, or got, with this error
 */
export function describeJobError(code: string, reason: StatusReason): string {
  if (reason.code === 'dependency_failed')
    return `Job ${reason.jobId}, which this one depends on, did not complete.`;
  if (code !== 'WORKER_LOST') return 'The job failed.';
  switch (reason.code) {
    case 'worker_lost_repeatedly':
      return `The worker died or stopped answering ${reason.times} times while it ran this job and no other, so it is not tried again. Try it with less input, or tell the maintainer of this service.`;
    case 'worker_lost_last_attempt':
      return 'The worker that ran this job died or stopped answering, and no attempt is left. Retry the job to give it new ones.';
    default:
      return 'The worker that ran this job died or stopped answering.';
  }
}
