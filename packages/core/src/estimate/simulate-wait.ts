import { Lanes } from './lanes.ts';
import { createRandom } from './random.ts';
import { RunTimes, sumOf } from './run-times.ts';
import type { JobsByService, WaitFacts } from './wait-facts.ts';

const PLAYS = 50;
/** Jobs ahead that are run one by one; the others before them are aggregated. */
const MAX_SINGLY = 24;
/** More lanes than this behave like so many with their share of the jobs. */
const MAX_LANES = 64;

/** In half of all cases the job starts before `p50Ms`, in nine of ten before `p90Ms`. */
export type WaitRange = { p50Ms: number; p90Ms: number };

/**
 * When a pending job starts, in milliseconds from now: plays its queue through many times, each time with other run
 * times from the services' past, and looks how long it took.
 *
 * In each play two lines are watched, and the job starts when it has come to the front of both: its queue, which runs
 * as many jobs at once as its limit says, and the workers, which run as many as they have slots for, of all queues.
 */
export function simulateWait(facts: WaitFacts): WaitRange {
  const random = createRandom(1);
  const runTimes = new Map(
    Object.entries(facts.services).map(([serviceId, { runMs, timeoutMs }]) => [
      serviceId,
      new RunTimes(runMs, timeoutMs, random),
    ]),
  );
  const startsMs = Array.from({ length: PLAYS }, () => play(facts, runTimes, random)).sort((a, b) => a - b);
  const at = (part: number) => Math.round(Math.max(facts.dueInMs, startsMs[PLAYS * part - 1] ?? 0));
  return { p50Ms: at(0.5), p90Ms: at(0.9) };
}

function play(facts: WaitFacts, runTimes: Map<string, RunTimes>, random: () => number): number {
  for (const times of runTimes.values()) times.drawDrift();
  const here: number[] = [...facts.lingeringMs];
  const elsewhere: number[] = [];
  for (const attempt of facts.running) {
    (attempt.isOwnQueue ? here : elsewhere).push(runTimes.get(attempt.serviceId)?.drawRest(attempt) ?? 0);
  }
  // In a single lane only the sum counts.
  const mostSingly = Math.min(facts.limit ?? facts.slots, facts.slots) === 1 ? 0 : MAX_SINGLY;
  const ahead = drawAhead(facts.ahead, runTimes, mostSingly, random);
  const inQueue = facts.limit === null ? 0 : startIn(facts.limit, here, ahead);
  const isAlone = elsewhere.length === 0 && facts.elsewhere.length === 0;
  if (isAlone && facts.limit !== null && facts.limit <= facts.slots) return inQueue;
  const everywhere = [...here.slice(facts.lingeringMs.length), ...elsewhere];
  const others = facts.elsewhere.map(({ limit, ahead: jobs }) => ({
    limit: limit ?? Number.POSITIVE_INFINITY,
    workMs: sumOf(Object.entries(jobs).map(([id, n]) => runTimes.get(id)?.drawSum(n) ?? 0)),
  }));
  const allMs = sumOf(everywhere) + ahead.pouredMs + sumOf(ahead.singlyMs);
  const all: Ahead = {
    ...ahead,
    jobs: ahead.jobs + sumOf(facts.elsewhere.flatMap((queue) => Object.values(queue.ahead))),
    pouredMs: ahead.pouredMs + workOfOthers(others, allMs, facts.slots),
  };
  return Math.max(inQueue, startIn(facts.slots, everywhere, all));
}

type Ahead = { jobs: number; pouredMs: number; singlyMs: number[] };

/** The jobs ahead: the last ones before ours one by one, in any order, since of each only its service is known. */
function drawAhead(
  jobs: JobsByService,
  runTimes: Map<string, RunTimes>,
  mostSingly: number,
  random: () => number,
): Ahead {
  const known = Object.entries(jobs).flatMap(([serviceId, count]) => {
    const times = runTimes.get(serviceId);
    return times ? [{ count, times }] : [];
  });
  const total = sumOf(known.map(({ count }) => count));
  const share = Math.min(1, mostSingly / total);
  let pouredMs = 0;
  const singlyMs: number[] = [];
  for (const { count, times } of known) {
    const singly = Math.round(count * share);
    for (let n = 0; n < singly; n++) {
      singlyMs.splice(Math.floor(random() * (singlyMs.length + 1)), 0, times.draw());
    }
    pouredMs += times.drawSum(count - singly);
  }
  return { jobs: total, pouredMs, singlyMs };
}

function startIn(lanes: number, busyMs: readonly number[], { jobs, pouredMs, singlyMs }: Ahead): number {
  if (busyMs.length + jobs < lanes) return 0;
  // With many lanes, a sample represents all.
  const crowd = Math.max(1, lanes / MAX_LANES);
  const each = (values: readonly number[]) => values.filter((_, index) => index % crowd < 1);
  const line = new Lanes(Math.min(lanes, MAX_LANES), each(busyMs));
  line.pour(pouredMs / crowd);
  for (const runMs of each(singlyMs)) line.add(runMs);
  return line.nextStartMs;
}

/**
 * How much of other queues' work the workers do before they come to ours. A queue with a limit cannot use all slots:
 * in the time until ours starts it does so much at most, and that time is what is looked for.
 */
function workOfOthers(others: { limit: number; workMs: number }[], ownMs: number, slots: number): number {
  const within = (startMs: number) =>
    sumOf(others.map(({ limit, workMs }) => Math.min(workMs, limit * startMs)));
  let startMs = (ownMs + within(Number.POSITIVE_INFINITY)) / slots;
  for (let n = 0; n < 10; n++) startMs = (ownMs + within(startMs)) / slots;
  return within(startMs);
}
