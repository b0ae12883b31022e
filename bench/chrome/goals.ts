import { atLeast, atMost, type Goal, never } from '../report/goals.ts';
import type { FigureOf } from '../report/rounds.ts';

const perMinute = (of: FigureOf, measure: string, other: string) =>
  of('gantry', measure, 'perMinute') / of(other, measure, 'perMinute');

/** All goals that a run can evaluate. */
export const GOALS: Goal[] = [
  {
    measure: 'claim to page loaded',
    says: 'at most 0.6 × a new context in a warm shared browser',
    ratio: (of) => of('gantry', 'single', 'loaded p50') / of('bare', 'single', 'loaded p50'),
    isMet: atMost(0.6),
  },
  ...['long, 1 at a time', 'long, 2 at a time'].map((measure) => ({
    measure: `jobs of 1 s${measure.slice(4)}`,
    says: 'at least 1.0 × puppeteer-cluster with a shared browser',
    ratio: (of: FigureOf) => perMinute(of, measure, 'cluster-context'),
    isMet: atLeast(1),
  })),
  ...['short, 1 at a time', 'short, 2 at a time'].map((measure) => ({
    measure: `trivial pages${measure.slice(5)}`,
    says: 'at least 1.2 × a browser for each job in crawlee',
    ratio: (of: FigureOf) => perMinute(of, measure, 'crawlee'),
    isMet: atLeast(1.2),
  })),
  {
    measure: 'end of job to place free',
    says: 'p50 at most 60 ms, directory gone',
    ratio: (of) => of('gantry', 'single', 'released p50') / 60,
    isMet: atMost(1),
  },
  {
    measure: 'orphans',
    says: 'none 1 s after SIGKILL of the worker',
    ratio: (of) => of('gantry', 'orphans', 'left'),
    isMet: never,
  },
  {
    measure: 'live view',
    says: 'at most 50 % of a core, browser and worker, at 10 frames a second',
    ratio: (of) => of('gantry', 'live', 'cpu') / 50,
    isMet: atMost(1),
  },
  {
    measure: 'live view',
    says: 'the page draws at least 0.95 × the frames that it draws unseen',
    ratio: (of) => of('gantry', 'live', 'drawn') / of('gantry', 'live', 'drawn, unseen'),
    isMet: atLeast(0.95),
  },
];

/** Whether a goal reads what a measure finds of a contender. */
export function isJudged(contender: string, measure: string): boolean {
  return EVALUATED.has(`${contender}: ${measure}`);
}

const EVALUATED = new Set(
  GOALS.flatMap(({ ratio }) => {
    const read: string[] = [];
    ratio((contender, measure) => read.push(`${contender}: ${measure}`));
    return read;
  }),
);
