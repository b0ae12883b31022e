import { type LiveJob, type LiveRow, rowPlace } from '@gantry/react';

import { reasonText } from '../../job-status/reason-text.ts';

/** A line of the log: what the automation wrote, and what happened to the job around it. */
export type ActivityLine = {
  seq: number;
  createdAt: string;
  level: 'debug' | 'info' | 'warn' | 'error';
  /** Where it comes from. */
  source: 'state' | 'step' | 'log' | 'row';
  message: string;
};

/** Puts what is known of a job's course into one order, newest first: what happens now is looked for first. */
export function activityOf({
  logs,
  steps,
  states,
  rows,
}: Pick<LiveJob, 'logs' | 'steps' | 'states' | 'rows'>): ActivityLine[] {
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
      ({ seq, createdAt, to, cause, errorMessage }): ActivityLine => ({
        seq,
        createdAt,
        level: errorMessage === undefined ? 'info' : 'error',
        source: 'state',
        message: to === cause.code ? to : `${to}: ${errorMessage ?? reasonText(cause)}`,
      }),
    ),
    ...[...rows.values()].flatMap((row) => rowProblem(row) ?? []),
  ];
  return lines.sort((a, b) => b.seq - a.seq);
}

/** What was wrong with a row; nothing for a row that repeats another, which has said it. */
function rowProblem(row: LiveRow): ActivityLine | null {
  const { seq, createdAt, status, key, error } = row;
  if (status !== 'failed' && status !== 'invalid') return null;
  return {
    seq,
    createdAt,
    level: status === 'failed' ? 'error' : 'warn',
    source: 'row',
    message: `${rowPlace(row)}${key === '' ? '' : `, ${key}`}: ${error?.message ?? status}`,
  };
}
