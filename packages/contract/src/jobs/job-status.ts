/** The five states of a job. */
export type JobStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

/**
 * The transitions of a job, from and to; the database refuses every other one.
 *
 * @see supabase/schemas/21_state_machine.sql
 */
export const JOB_TRANSITIONS: readonly (readonly [JobStatus, JobStatus])[] = [
  ['pending', 'processing'],
  ['pending', 'failed'],
  ['pending', 'cancelled'],
  ['processing', 'completed'],
  ['processing', 'failed'],
  ['processing', 'cancelled'],
  ['processing', 'pending'],
  ['failed', 'pending'],
];

/** Returns whether a job in this state will not change by itself any more. */
export function isFinished(status: JobStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
