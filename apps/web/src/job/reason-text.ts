import type { StatusReason } from '@gantry/client';

const TEXTS: Record<StatusReason, string> = {
  submitted: 'It was submitted.',
  cancelled_by_owner: 'Its owner cancelled it.',
  cancelled_by_admin: 'An administrator cancelled it.',
  retried_by_owner: 'Its owner started it again.',
  retried_by_admin: 'An administrator started it again.',
  worker_lost: 'Its worker was lost.',
  released: 'Its worker shut down and gave it back; this attempt does not count.',
  permanent_error: 'Trying again would end the same way.',
  dependency_failed: 'A job that it runs after did not complete.',
  retry: 'It is tried again after a pause.',
  claimed: 'A worker took it.',
  completed: 'It is done.',
  attempts_used_up: 'No attempt is left.',
};

/** Why a job is in its state, in a sentence. */
export function reasonText(reason: StatusReason): string {
  return TEXTS[reason];
}
