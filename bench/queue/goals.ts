import { atLeast, atMost, type Goal } from '../report/goals.ts';
import type { FigureOf } from '../report/rounds.ts';

const betterPeer = (of: FigureOf, measure: string) =>
  Math.max(of('graphile-worker', measure), of('pg-boss', measure));

/** All goals that a run can evaluate. */
export const GOALS: Goal[] = [
  {
    measure: 'submit',
    says: 'at least 4 × the better peer',
    ratio: (of) => of('gantry', 'submit') / betterPeer(of, 'submit'),
    isMet: atLeast(4),
  },
  {
    measure: 'submit',
    says: 'at least 0.6 × a bare insert',
    ratio: (of) => of('gantry', 'submit') / of('bare', 'submit'),
    isMet: atLeast(0.6),
  },
  {
    measure: 'bulk',
    says: 'at least 1.5 × the better peer',
    ratio: (of) => of('gantry', 'bulk') / betterPeer(of, 'bulk'),
    isMet: atLeast(1.5),
  },
  {
    measure: 'drain',
    says: '100 slots: at least 1.0 × graphile-worker with localQueue',
    ratio: (of) => of('gantry-100', 'drain') / of('graphile-local', 'drain'),
    isMet: atLeast(1),
  },
  {
    measure: 'drain',
    says: '100 slots: at least 2.5 × pg-boss',
    ratio: (of) => of('gantry-100', 'drain') / of('pg-boss', 'drain'),
    isMet: atLeast(2.5),
  },
  {
    measure: 'pick-up',
    says: 'p50 at most 0.9 × graphile-worker',
    ratio: (of) => of('gantry', 'pick-up', 'p50') / of('graphile-worker', 'pick-up', 'p50'),
    isMet: atMost(0.9),
  },
  {
    measure: 'pick-up',
    says: 'p99 at most 0.8 × graphile-worker',
    ratio: (of) => of('gantry', 'pick-up', 'p99') / of('graphile-worker', 'pick-up', 'p99'),
    isMet: atMost(0.8),
  },
  {
    measure: 'drain, filled',
    says: '100 slots: takes at most 1.2 × the time in an empty table',
    ratio: (of) => of('gantry-100', 'drain') / of('gantry-100', 'drain, filled'),
    isMet: atMost(1.2),
  },
  {
    measure: 'pick-up, filled',
    says: 'p50 at most 1.2 × that in an empty table',
    ratio: (of) => of('gantry', 'pick-up, filled', 'p50') / of('gantry', 'pick-up', 'p50'),
    isMet: atMost(1.2),
  },
  {
    measure: 'estimate',
    says: 'p99 at most 5 ms, 1,000,000 pending',
    ratio: (of) => of('gantry-sql', 'estimate', 'p99') / 5,
    isMet: atMost(1),
  },
];
