import type { JobStatus, RowResult } from '@gantry/client';
import type { StateChange, Step } from '@gantry/react';

/** What became of a step: `open` if its row has no answer yet, `stopped` if its attempt ended without an error. */
export type StepState = 'done' | 'current' | 'failed' | 'stopped' | 'open';

/**
 * What became of each step. A step that works on a row is as good as the row's answer, which may come after later
 * steps have begun. The last step of an attempt that failed is the one that failed.
 */
export function stepStates(o: {
  steps: readonly Pick<Step, 'seq' | 'attempt' | 'rowIndex'>[];
  rows: ReadonlyMap<number, Pick<RowResult, 'status'>>;
  states: readonly Pick<StateChange, 'seq' | 'attempt' | 'to' | 'errorCode'>[];
  status: JobStatus;
}): StepState[] {
  return o.steps.map((step, index) => {
    const answer = step.rowIndex === undefined ? undefined : o.rows.get(step.rowIndex)?.status;
    if (answer !== undefined) return answer === 'failed' || answer === 'invalid' ? 'failed' : 'done';
    const next = o.steps[index + 1];
    if (next?.attempt === step.attempt) return step.rowIndex === undefined ? 'done' : 'open';
    const end = o.states.find(
      ({ seq, attempt, to }) => seq > step.seq && attempt === step.attempt && to !== 'processing',
    );
    if (!end) return next === undefined && o.status === 'processing' ? 'current' : 'stopped';
    if (end.to === 'completed') return 'done';
    return end.to === 'failed' || end.errorCode !== undefined ? 'failed' : 'stopped';
  });
}
