import { describeStatusReason, type StatusReason } from '@gantry/client';

const TEXTS: Partial<Record<StatusReason['code'], string>> = {
  cancelled_by_owner: 'Its owner cancelled it.',
  cancelled_by_admin: 'An administrator cancelled it.',
  retried_by_owner: 'Its owner started it again.',
  retried_by_admin: 'An administrator started it again.',
  worker_lost: 'Its worker was lost.',
  worker_lost_last_attempt: 'Its worker was lost.',
  worker_lost_repeatedly: 'Its worker was lost.',
  released: 'Its worker shut down and put it back in the queue; this attempt does not count.',
  permanent_error: 'Trying again would end the same way.',
  dependency_failed: 'A job that it runs after did not complete.',
  retry: 'It is tried again after a pause.',
  claimed: 'A worker took it.',
};

/** Why a job has its status, in a sentence or a few words. */
export function reasonText(reason: StatusReason): string {
  return TEXTS[reason.code] ?? describeStatusReason(reason);
}
