import type { LiveJob } from '@gantry/react';

/** A line of the log: what the automation wrote, and what happened to the job around it. */
export type ActivityLine = {
  seq: number;
  createdAt: string;
  level: 'debug' | 'info' | 'warn' | 'error';
  /** Where it comes from. */
  source: 'state' | 'step' | 'log';
  message: string;
};

/** Puts what is known of a job's course into one order, newest first: what happens now is looked for first. */
export function activityOf({
  logs,
  steps,
  states,
}: Pick<LiveJob, 'logs' | 'steps' | 'states'>): ActivityLine[] {
  const lines: ActivityLine[] = [
    ...logs.map(
      ({ seq, createdAt, level, message }): ActivityLine => ({
        seq,
        createdAt,
        level,
        source: 'log',
        message,
      }),
    ),
    ...steps.map(
      ({ seq, createdAt, name }): ActivityLine => ({
        seq,
        createdAt,
        level: 'info',
        source: 'step',
        message: name,
      }),
    ),
    ...states.map(
      ({ seq, createdAt, to, reason, errorMessage }): ActivityLine => ({
        seq,
        createdAt,
        level: errorMessage === undefined ? 'info' : 'error',
        source: 'state',
        message: to === reason ? to : `${to}: ${errorMessage ?? reason}`,
      }),
    ),
  ];
  return lines.sort((a, b) => b.seq - a.seq);
}
