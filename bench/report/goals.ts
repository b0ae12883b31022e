import { toMarkdown } from './markdown.ts';
import type { FigureOf, Rounds } from './rounds.ts';

/** What Gantry wants to reach, as a ratio within one run. */
export type Goal = {
  measure: string;
  says: string;
  /** From the medians, or from all rounds where one bad one is too many. */
  ratio: (of: FigureOf, all: Rounds) => number;
  isMet: (ratio: number) => boolean;
};

/** Met by a ratio of this or more. */
export const atLeast = (bound: number) => (ratio: number) => ratio >= bound;
/** Met by a ratio of this or less. */
export const atMost = (bound: number) => (ratio: number) => ratio <= bound;

/** The verdicts on all goals whose figures were measured. */
export function goalsTable(goals: Goal[], results: Rounds): string {
  const rows = goals
    .map((goal) => ({ goal, ratio: goal.ratio(results.of, results) }))
    .filter(({ ratio }) => Number.isFinite(ratio))
    .map(({ goal, ratio }) => [
      goal.measure,
      goal.says,
      ratio.toFixed(2),
      goal.isMet(ratio) ? 'met' : 'missed',
    ]);
  return toMarkdown('Goals', ['Measure', 'Goal', 'Ratio', ''], rows);
}
