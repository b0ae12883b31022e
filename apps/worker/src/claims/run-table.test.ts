import { getEventListeners } from 'node:events';

import type { ClaimedJob } from '@gantry/core';
import { expect, test, vi } from 'vitest';

import { type Run, RunTable } from './run-table.ts';
import { StopRun } from './stop-reason.ts';

const job = (jobId: string, attempt: number): ClaimedJob => ({
  jobId,
  attempt,
  attemptsUsed: attempt,
  maxAttempts: 3,
  userId: 'user',
  serviceId: 'a-service',
  queue: 'default',
  timeoutMs: 60_000,
  input: {},
  checkpoint: null,
  file: null,
});

/** Begins a run that ends when it is told to. */
function begin(runs: RunTable, claimed: ClaimedJob, claimedAt = performance.now()) {
  const ended = Promise.withResolvers<void>();
  let begun: Run | null = null;
  runs.begin(claimed, { claimedAt, isSuspect: false }, async (run) => {
    begun = run;
    await ended.promise;
  });
  if (!begun) throw new Error('It begins at once.');
  const run: Run = begun;
  return { run, end: () => ended.resolve() };
}

const why = (run: Run): string | null =>
  run.lease.signal.reason instanceof StopRun ? run.lease.signal.reason.why : null;

test('an attempt is lost alone: the next attempt of its job goes on', async () => {
  const runs = new RunTable({ leaseMs: 60_000 });
  const first = begin(runs, job('a', 1));
  const second = begin(runs, job('a', 2));
  runs.lose({ jobId: 'a', attempt: 1 });
  expect([why(first.run), why(second.run)]).toEqual(['lease-lost', null]);

  first.end();
  await expect.poll(() => runs.held).toEqual([{ jobId: 'a', attempt: 2 }]);
  second.end();
  await runs.ended();
  expect(runs.size).toBe(0);
});

test('a run whose lease is not renewed is ended before the lease is', async () => {
  const runs = new RunTable({ leaseMs: 60_000 });
  const now = performance.now();
  const fresh = begin(runs, job('fresh', 1), now);
  const stale = begin(runs, job('stale', 1), now - 55_000);
  const renewed = begin(runs, job('renewed', 1), now - 55_000);
  runs.renew([{ jobId: 'renewed', attempt: 1 }], now);

  await expect.poll(() => why(stale.run)).toBe('lease-lost');
  expect([why(fresh.run), why(renewed.run)]).toEqual([null, null]);
  for (const { end } of [fresh, stale, renewed]) end();
  await runs.ended();
});

test('giving back ends the run but not the lease', async () => {
  const runs = new RunTable({ leaseMs: 60_000 });
  const { run, end } = begin(runs, job('a', 1));
  runs.releaseAll();
  expect([run.stop.signal.aborted, run.lease.signal.aborted]).toEqual([true, false]);
  end();
  await runs.ended();
});

test('a suspect begins when all others have ended, and until it has ended nothing may be put beside it', async () => {
  const runs = new RunTable({ leaseMs: 60_000 });
  const others = [begin(runs, job('a', 1)), begin(runs, job('b', 1))];
  const done: string[] = [];
  const ended = Promise.withResolvers<void>();
  runs.begin(job('s', 2), { claimedAt: performance.now(), isSuspect: true }, async () => {
    done.push(`begun beside ${runs.size - 1}`);
    await ended.promise;
  });
  expect([runs.hasSuspect, runs.size]).toEqual([true, 3]);

  others[0]?.end();
  await expect.poll(() => runs.size).toBe(2);
  expect(done).toEqual([]);
  others[1]?.end();
  await expect.poll(() => done).toEqual(['begun beside 0']);

  ended.resolve();
  await runs.ended();
  expect([runs.hasSuspect, runs.size]).toEqual([false, 0]);
});

test('when a suspect has ended, no signal made of others listens on: Node would keep it for ever', async () => {
  using made = vi.spyOn(AbortSignal, 'any');
  const runs = new RunTable({ leaseMs: 60_000 });
  runs.begin(job('s', 2), { claimedAt: performance.now(), isSuspect: true }, async () => {});
  await runs.ended();
  const signals = made.mock.results.map(({ value }) => value);
  expect(signals.flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
});

test('a suspect that still waits can be given back', async () => {
  const runs = new RunTable({ leaseMs: 60_000 });
  const other = begin(runs, job('a', 1));
  const reasons: (string | null)[] = [];
  runs.begin(job('s', 2), { claimedAt: performance.now(), isSuspect: true }, async ({ stop }) => {
    reasons.push(stop.signal.reason instanceof StopRun ? stop.signal.reason.why : null);
  });
  runs.releaseAll();
  await expect.poll(() => reasons).toEqual(['drain']);
  other.end();
  await runs.ended();
});
