import { toMarkdown, withSpread } from './markdown.ts';
import type { FigureOf, Rounds } from './rounds.ts';
import { median } from './statistics.ts';

/** What Gantry wants to reach, as a ratio within one round. */
export type Goal = {
  measure: string;
  says: string;
  ratio: (of: FigureOf) => number;
  /** Evaluates the ratios of all rounds. */
  isMet: (ratios: number[]) => boolean;
};

/** Met when the median is this or more. */
export const atLeast = (bound: number) => (ratios: number[]) => median(ratios) >= bound;
/** Met when the median is this or less. */
export const atMost = (bound: number) => (ratios: number[]) => median(ratios) <= bound;
/** Met when it was 0 in every round. */
export const never = (counts: number[]) => counts.every((count) => count === 0);

/** The verdicts on all goals whose figures were measured. */
export function goalsTable(goals: Goal[], results: Rounds): string {
  const rows = goals
    .map((goal) => ({ ...goal, ratios: results.ratios(goal.ratio) }))
    .filter(({ ratios }) => ratios.length > 0)
    .map(({ measure, says, isMet, ratios }) => [
      measure,
      says,
      withSpread(ratios, ''),
      isMet(ratios) ? 'met' : 'missed',
    ]);
  return toMarkdown('Goals', ['Measure', 'Goal', 'Ratio', ''], rows);
}
