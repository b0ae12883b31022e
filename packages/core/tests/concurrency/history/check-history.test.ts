import type { JobStatus } from '@gantry/contract';
import { describe, expect, test } from 'vitest';

import { checkHistory, type Promises } from './check-history.ts';
import type { History, HistoryEvent, HistoryJob, Witness } from './history.ts';

type Told = { history: History; witness: Witness };

const job = (id: string, o: Partial<HistoryJob> = {}): HistoryJob => ({
  id,
  userId: 'ann',
  queue: 'default',
  status: 'completed',
  attempt: 2,
  attemptsUsed: 2,
  maxAttempts: 3,
  rank: 1,
  idempotencyKey: null,
  ...o,
});

const state = (
  jobId: string,
  [seq, attempt, at]: [seq: number, attempt: number, at: number],
  from: JobStatus | undefined,
  to: JobStatus,
): HistoryEvent => ({ jobId, seq, attempt, at, type: 'state', from, to });

/** Job a: lost by one worker, completed by another. Job b: waits for its turn, then is cancelled while it runs. */
function goodStory(): Told {
  const history: History = {
    jobs: [
      job('a'),
      job('b', { status: 'cancelled', attempt: 1, attemptsUsed: 1, rank: 2, idempotencyKey: 'k' }),
    ],
    events: [
      state('a', [1, 0, 10], undefined, 'pending'),
      state('a', [2, 1, 20], 'pending', 'processing'),
      { jobId: 'a', seq: 3, attempt: 1, at: 25, type: 'row' },
      state('a', [4, 1, 30], 'processing', 'pending'),
      state('a', [5, 2, 40], 'pending', 'processing'),
      { jobId: 'a', seq: 6, attempt: 2, at: 45, type: 'artifact', artifactId: 'file' },
      state('a', [7, 2, 50], 'processing', 'completed'),
      state('b', [1, 0, 11], undefined, 'pending'),
      state('b', [2, 1, 60], 'pending', 'processing'),
      state('b', [3, 1, 70], 'processing', 'cancelled'),
    ],
    attempts: [
      { jobId: 'a', attempt: 1, outcome: 'lost', workerId: 'w1' },
      { jobId: 'a', attempt: 2, outcome: 'completed', workerId: 'w2' },
      { jobId: 'b', attempt: 1, outcome: 'cancelled', workerId: 'w2' },
    ],
    artifacts: [{ id: 'file', jobId: 'a', attempt: 2 }],
  };
  const witness: Witness = {
    submitted: [
      { jobId: 'a', userId: 'ann' },
      { jobId: 'b', userId: 'ann', key: 'k' },
    ],
    cancels: [
      { jobId: 'b', answer: 'cancelled' },
      { jobId: 'a', answer: 'too late' },
    ],
  };
  return { history, witness };
}

const PROMISES: Promises = { limits: { default: 1 }, workerSlots: 1, isStrictlyOrdered: true, isQuiet: true };

test('a history that keeps every promise is without fault', () => {
  const { history, witness } = goodStory();
  expect(checkHistory(history, witness, PROMISES)).toEqual([]);
});

/** The event of a job by its number. */
function eventOf({ history }: Told, jobId: string, seq: number): HistoryEvent {
  const event = history.events.find((e) => e.jobId === jobId && e.seq === seq);
  if (!event) throw new Error(`There is no event ${jobId} ${seq}.`);
  return event;
}

function jobOf({ history }: Told, jobId: string): HistoryJob {
  const found = history.jobs.find(({ id }) => id === jobId);
  if (!found) throw new Error(`There is no job ${jobId}.`);
  return found;
}

describe('what must never be is found, and called by its number', () => {
  const faults: [string, string, (told: Told) => void][] = [
    ['I1', 'a submitted job is gone', ({ history }) => history.jobs.splice(1, 1)],
    [
      'I1',
      'a job is never ended',
      (told) => {
        told.history.events.pop();
        told.history.attempts.pop();
        jobOf(told, 'b').status = 'processing';
      },
    ],
    ['I2', 'a job that nobody submitted', ({ witness }) => witness.submitted.pop()],
    [
      'I3',
      'two jobs under one key',
      ({ history, witness }) => {
        history.jobs.push(job('c', { status: 'pending', attempt: 0, attemptsUsed: 0, idempotencyKey: 'k' }));
        history.events.push(state('c', [1, 0, 12], undefined, 'pending'));
        witness.submitted.push({ jobId: 'c', userId: 'ann', key: 'k' });
      },
    ],
    [
      'I3',
      'a key that gave the job of somebody else',
      (told) => Object.assign(jobOf(told, 'b'), { userId: 'bob' }),
    ],
    ['I4', 'an event is missing', ({ history }) => history.events.splice(2, 1)],
    ['I4', 'two events with one number', (told) => Object.assign(eventOf(told, 'a', 4), { seq: 3 })],
    ['I4', 'a step that cannot follow', (told) => Object.assign(eventOf(told, 'b', 2), { to: 'completed' })],
    ['I4', 'the row says another state', (told) => Object.assign(jobOf(told, 'a'), { status: 'failed' })],
    [
      'I5',
      'a finished job begins again',
      ({ history }) => history.events.push(state('a', [8, 2, 80], 'completed', 'pending')),
    ],
    [
      'I5',
      'a row after the end',
      ({ history }) => history.events.push({ jobId: 'b', seq: 4, attempt: 1, at: 80, type: 'row' }),
    ],
    [
      'I6',
      'two attempts at once',
      (told) => {
        told.history.events = told.history.events.filter((e) => e !== eventOf(told, 'a', 4));
        for (const seq of [5, 6, 7]) eventOf(told, 'a', seq).seq -= 1;
      },
    ],
    [
      'I7',
      'a row of an attempt that is over',
      (told) => Object.assign(eventOf(told, 'a', 6), { attempt: 1 }),
    ],
    [
      'I7',
      'a token that is used twice',
      (told) => {
        for (const seq of [5, 6, 7]) eventOf(told, 'a', seq).attempt = 1;
      },
    ],
    ['I10', 'more attempts than there are', (told) => Object.assign(jobOf(told, 'a'), { maxAttempts: 1 })],
    [
      'I10',
      'an attempt that was given back counts',
      ({ history }) => Object.assign(history.attempts[0] ?? {}, { outcome: 'released' }),
    ],
    [
      'I11',
      'an attempt is told of twice',
      ({ history }) => history.attempts.push({ ...(history.attempts[0] ?? fail()) }),
    ],
    [
      'I11',
      'an end is told as another one',
      ({ history }) => Object.assign(history.attempts[2] ?? {}, { outcome: 'retry' }),
    ],
    ['I12', 'completed, and nothing is told of it', ({ history }) => history.attempts.splice(1, 1)],
    [
      'I12',
      'a file without its event',
      ({ history }) => history.artifacts.push({ id: 'x', jobId: 'a', attempt: 2 }),
    ],
    ['I12', 'an event without its file', ({ history }) => history.artifacts.pop()],
    [
      'I14',
      'cancelled, they said',
      ({ witness }) => witness.cancels.push({ jobId: 'a', answer: 'cancelled' }),
    ],
    ['I14', 'too late, they said', ({ witness }) => witness.cancels.push({ jobId: 'b', answer: 'too late' })],
    ['I15', 'the younger one goes first', (told) => Object.assign(jobOf(told, 'b'), { rank: 0 })],
    ['I16', 'more at once than the queue lets', (told) => Object.assign(eventOf(told, 'b', 2), { at: 49 })],
    [
      'I16',
      'more at once than the worker has places',
      (told) => {
        eventOf(told, 'b', 2).at = 49;
        jobOf(told, 'b').queue = 'other';
      },
    ],
  ];
  test.for(faults)('%s: %s', ([invariant, , spoil]) => {
    const told = goodStory();
    spoil(told);
    const found = checkHistory(told.history, told.witness, PROMISES);
    expect(found.map((violation) => violation.invariant)).toContain(invariant);
  });
});

function fail(): never {
  throw new Error('The story has attempts.');
}
