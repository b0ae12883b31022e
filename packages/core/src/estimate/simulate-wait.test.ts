import { describe, expect, test } from 'vitest';

import { createRandom, drawNormal } from './random.ts';
import { simulateWait } from './simulate-wait.ts';
import type { WaitFacts } from './wait-facts.ts';

const MINUTE = 60_000;

/** A queue of one service whose attempts all take a minute. */
function facts(o: Partial<WaitFacts> = {}): WaitFacts {
  return {
    dueInMs: 0,
    isBound: false,
    limit: 1,
    slots: 1,
    running: [],
    lingeringMs: [],
    ahead: {},
    elsewhere: [],
    services: { a: { timeoutMs: 10 * MINUTE, runMs: Array(20).fill(MINUTE) } },
    ...o,
  };
}

const minutes = (o: Partial<WaitFacts>) => simulateWait(facts(o)).p50Ms / MINUTE;
const running = (elapsedMs: number[], isOwnQueue = true, done: number | null = null) =>
  elapsedMs.map((ms) => ({ serviceId: 'a', isOwnQueue, elapsedMs: ms, done }));

describe('when every attempt takes a minute', () => {
  const cases: [string, Partial<WaitFacts>, number][] = [
    ['nothing is ahead and a slot is free', {}, 0],
    ['two jobs are ahead', { ahead: { a: 2 } }, 2],
    ['a thousand are ahead', { ahead: { a: 1000 } }, 1000],
    ['one runs for a quarter of its time', { running: running([MINUTE / 4]) }, 0.75],
    ['a cancelled one may hold its place for a while', { lingeringMs: [MINUTE / 2] }, 0.5],
    [
      'two of three lanes run, and one is ahead',
      { limit: 3, slots: 3, running: running([0, 0]), ahead: { a: 1 } },
      1,
    ],
    ['the limit allows more than the workers have slots for', { limit: 9, slots: 2, ahead: { a: 4 } }, 2],
    ['the workers have slots for more than the limit allows', { limit: 2, slots: 9, ahead: { a: 4 } }, 2],
    ['there is no limit', { limit: null, slots: 2, ahead: { a: 4 } }, 2],
    ['more run than a lowered limit allows', { limit: 1, slots: 3, running: running([0, 0, MINUTE / 2]) }, 1],
    [
      'jobs of another queue have the slots',
      { slots: 2, limit: 2, running: running([0, MINUTE / 2], false) },
      0.5,
    ],
    ['those ahead are of a service that these workers do not run', { ahead: { b: 5 } }, 0],
    ['other queues have jobs whose turn is first', { elsewhere: [{ limit: null, ahead: { a: 3 } }] }, 3],
    [
      'the other queue can use one of two slots',
      { slots: 2, elsewhere: [{ limit: 1, ahead: { a: 50 } }] },
      0,
    ],
    ['fewer are ahead than there are lanes', { limit: 500, slots: 500, ahead: { a: 300 } }, 0],
    ['it is not due before an hour', { dueInMs: 60 * MINUTE, ahead: { a: 2 } }, 60],
  ];
  for (const [when, o, expected] of cases) {
    test(`and ${when}, the job starts in ${expected} min`, () => expect(minutes(o)).toBeCloseTo(expected, 1));
  }

  test('and many lanes share the work, so do the estimates', () => {
    expect(
      minutes({ limit: 200, slots: 200, running: running(Array(200).fill(0)), ahead: { a: 2000 } }),
    ).toBeCloseTo(11, 0);
  });
});

test('an attempt that outlasts its past is not expected to end at once, nor after its time-out', () => {
  const { p50Ms, p90Ms } = simulateWait(facts({ running: running([8 * MINUTE]) }));
  expect(p50Ms).toBeGreaterThan(MINUTE / 2);
  expect(p90Ms).toBeLessThanOrEqual(2 * MINUTE);
});

test('an attempt that tells how far it is, is believed more than its past', () => {
  const { p50Ms, p90Ms } = simulateWait(facts({ running: running([2 * MINUTE], true, 0.25) }));
  expect(p50Ms).toBeGreaterThan(5 * MINUTE);
  expect(p50Ms).toBeLessThan(7 * MINUTE);
  expect(p90Ms).toBeGreaterThan(p50Ms);
});

test('a service without a past is guessed widely, within its time-out', () => {
  const services = { a: { timeoutMs: 10 * MINUTE, runMs: [] } };
  const { p50Ms, p90Ms } = simulateWait(facts({ services, ahead: { a: 1 } }));
  expect(p90Ms).toBeGreaterThan(2 * p50Ms);
  expect(p90Ms).toBeLessThanOrEqual(10 * MINUTE);
});

test('the same facts give the same estimate', () => {
  const same = facts({
    ahead: { a: 7 },
    services: { a: { timeoutMs: MINUTE, runMs: [1, 2000, 30_000, 4, 50] } },
  });
  expect(simulateWait(same)).toEqual(simulateWait(same));
});

describe('over a thousand queues, each played through once', () => {
  // What is true here and unknown to the estimate: how long attempts really take. It gets a past of 8 to 200 of them.
  const random = createRandom(20_260_131);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));

  function trueRunTimes(): () => number {
    const median = 5_000 * 40 ** random();
    const spread = 0.1 + random();
    const hasTwoKinds = random() < 0.3;
    return () => {
      const kind = hasTwoKinds && random() < 0.2 ? 6 : 1;
      return Math.min(20 * MINUTE, kind * median * Math.exp(spread * drawNormal(random)));
    };
  }

  function playOnce() {
    const runs = { a: trueRunTimes(), b: trueRunTimes() };
    const limit = between(1, 8);
    const busy = Array.from({ length: limit }, () => {
      // Found in the middle of its run: long ones are found more often.
      const [first, second] = [runs.a(), runs.a()];
      const runMs = random() < first / (first + second) ? first : second;
      const elapsedMs = random() * runMs;
      // Some tell how far they are; their pace changes underway.
      const pace = Math.exp(0.3 * drawNormal(random));
      const part = (elapsedMs * pace) / (elapsedMs * pace + runMs - elapsedMs);
      return { elapsedMs, done: random() < 0.5 ? part : null, restMs: runMs - elapsedMs };
    });
    const ahead = { a: between(0, 3 ** between(0, 5)), b: between(0, 20) };
    const { p50Ms, p90Ms } = simulateWait(
      facts({
        limit,
        slots: limit + between(0, 3),
        running: busy.map(({ elapsedMs, done }) => ({ serviceId: 'a', isOwnQueue: true, elapsedMs, done })),
        ahead,
        services: {
          a: { timeoutMs: 20 * MINUTE, runMs: Array.from({ length: between(8, 200) }, runs.a) },
          b: { timeoutMs: 20 * MINUTE, runMs: Array.from({ length: between(8, 200) }, runs.b) },
        },
      }),
    );
    const line = [...Array.from({ length: ahead.a }, runs.a), ...Array.from({ length: ahead.b }, runs.b)]
      .map((runMs) => ({ runMs, place: random() }))
      .toSorted((one, other) => one.place - other.place);
    const freeAt = busy.map(({ restMs }) => restMs);
    for (const { runMs } of line) {
      const next = freeAt.indexOf(Math.min(...freeAt));
      freeAt[next] = (freeAt[next] ?? 0) + runMs;
    }
    return { trueMs: Math.min(...freeAt), p50Ms, p90Ms };
  }

  test('about half start before p50, about nine of ten before p90, and few far from either', () => {
    const plays = Array.from({ length: 1000 }, playOnce);
    const part = (holds: (play: (typeof plays)[number]) => boolean) =>
      plays.filter(holds).length / plays.length;
    const parts = {
      beforeP50: part(({ trueMs, p50Ms }) => trueMs <= p50Ms),
      beforeP90: part(({ trueMs, p90Ms }) => trueMs <= p90Ms),
      withinReach: part(({ trueMs, p50Ms, p90Ms }) => trueMs >= p50Ms / 2 && trueMs <= p90Ms * 2),
    };
    expect(parts.beforeP50).toBeGreaterThan(0.4);
    expect(parts.beforeP50).toBeLessThan(0.6);
    expect(parts.beforeP90).toBeGreaterThan(0.8);
    expect(parts.beforeP90).toBeLessThan(0.98);
    expect(parts.withinReach).toBeGreaterThan(0.85);
  });
});
