import { expect, test } from 'vitest';

import { stepStates } from './step-states.ts';

const step = (seq: number, rowIndex?: number, attempt = 1) => ({
  seq,
  attempt,
  ...(rowIndex !== undefined && { rowIndex }),
});
const rows = new Map([
  [0, { status: 'completed' as const }],
  [1, { status: 'failed' as const }],
]);

test('a step is as good as the answer of its row, also if that came later than the next step', () => {
  const steps = [step(2), step(3, 0), step(4, 1), step(5, 2), step(6, 3)];
  expect(stepStates({ steps, rows, states: [], status: 'processing' })).toEqual([
    'done',
    'done',
    'failed',
    'open',
    'current',
  ]);
});

test.each([
  [{ to: 'failed', errorCode: 'SITE_DOWN' }, 'failed', 'failed'],
  [{ to: 'pending', errorCode: 'SITE_DOWN' }, 'pending', 'failed'],
  [{ to: 'pending' }, 'pending', 'stopped'],
  [{ to: 'cancelled' }, 'cancelled', 'stopped'],
  [{ to: 'completed' }, 'completed', 'done'],
] as const)('the last step of an attempt that ended with %j', (end, status, state) => {
  const states = [{ seq: 9, attempt: 1, ...end }];
  expect(stepStates({ steps: [step(2), step(3)], rows, states, status })).toEqual(['done', state]);
});

test('the step at which an earlier attempt failed keeps its cross while the next attempt runs', () => {
  const states = [
    { seq: 4, attempt: 1, to: 'pending' as const, errorCode: 'SITE_DOWN' },
    { seq: 5, attempt: 2, to: 'processing' as const },
  ];
  const steps = [step(2), step(3), step(6, undefined, 2)];
  expect(stepStates({ steps, rows, states, status: 'processing' })).toEqual(['done', 'failed', 'current']);
});
