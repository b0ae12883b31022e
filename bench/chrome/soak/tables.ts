import { toMarkdown } from '../../report/markdown.ts';
import { FAULTS } from './faults.ts';
import type { Stock } from './take-stock.ts';

/** Jobs that did the same and ended the same. */
export type Outcome = { job: string; ending: string; count: number; isRight: boolean };

/** Counts jobs by what they did and how they ended. */
export function tally(jobs: { fault: string | null; ending: string }[]): Outcome[] {
  const groups = Map.groupBy(jobs, ({ fault, ending }) => `${fault}: ${ending}`);
  return [...groups.values()].map((group) => {
    const { fault = null, ending = '' } = group[0] ?? {};
    const rightEnding = fault === null ? 'completed' : FAULTS[fault]?.errorCode;
    return {
      job: fault ?? 'as it should be',
      ending,
      count: group.length,
      isRight: ending === rightEnding,
    };
  });
}

/** How the jobs ended. */
export function outcomesTable(outcomes: Outcome[]): string {
  return toMarkdown(
    'Jobs',
    ['Job', 'Ended as', 'Jobs'],
    outcomes.map(({ job, ending, count }) => [job, ending, String(count)]),
  );
}

/** What there was before, half-way, after, and when the worker had ended. */
export function stockTable(stocks: Stock[]): string {
  const line = (what: string, show: (stock: Stock) => number | null) => [
    what,
    ...stocks.map((stock) => String(show(stock) ?? '')),
  ];
  const ofWorker = (show: (stock: Stock) => number) => (stock: Stock) => (stock.memory ? show(stock) : null);
  const megabytes = (bytes = 0) => Math.round(bytes / 1e6);
  return toMarkdown(
    'What there is',
    ['', 'before', 'half-way', 'after', 'worker ended'],
    [
      line('processes of browsers', ({ processes }) => processes),
      line('directories of browsers', ({ directories }) => directories),
      line(
        'file descriptors of the worker',
        ofWorker(({ descriptors }) => descriptors),
      ),
      line(
        'heap of the worker, MB',
        ofWorker(({ memory }) => megabytes(memory?.heap)),
      ),
      line(
        'resident memory of the worker, MB',
        ofWorker(({ memory }) => megabytes(memory?.resident)),
      ),
    ],
  );
}
