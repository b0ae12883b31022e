import { toMarkdown, withSpread } from '../report/markdown.ts';
import type { Rounds } from '../report/rounds.ts';
import { CONTENDERS, VARIANTS } from './contenders/index.ts';

/** Measured in jobs a second; the others in milliseconds. */
const THROUGHPUTS = new Set(['submit', 'bulk', 'drain']);

/** Jobs a second and milliseconds of all contenders. */
export function figuresTable(results: Rounds, ids: string[]): string {
  const rows = results.measures.flatMap((measure) => {
    const figures = isThroughput(measure) ? ['perSecond'] : ['p50', 'p95', 'p99'];
    return figures.map((figure) => [
      figure === 'perSecond' ? `${measure}, jobs/s` : `${measure}, ${figure}`,
      ...ids.map((id) =>
        withSpread(results.valuesOf(id, measure, figure), figure === 'perSecond' ? '' : ' ms'),
      ),
    ]);
  });
  return toMarkdown('Figures', headerOf(ids), rows);
}

/** What one job costs the database server. */
export function serverCostsTable(results: Rounds, ids: string[]): string {
  const rows = results.measures.filter(isThroughput).flatMap((measure) => [
    [`${measure}, WAL bytes`, ...ids.map((id) => withSpread(results.valuesOf(id, measure, 'walBytes'), ''))],
    [
      `${measure}, processor time`,
      ...ids.map((id) => withSpread(results.valuesOf(id, measure, 'cpuUs'), ' µs')),
    ],
  ]);
  return toMarkdown('Costs of the database server for each job', headerOf(ids), rows);
}

/** How fast the SQL alone would be with something less. */
export function variantsTable(results: Rounds): string {
  const rows = [
    ['nothing less', 'gantry-sql'],
    ...Object.entries(VARIANTS).map(([id, { name }]) => [name, id]),
  ].map(([name = '', id = '']) => [name, withSpread(results.valuesOf(id, 'drain', 'perSecond'), '')]);
  return toMarkdown('What each thing costs: drain, jobs/s', ['SQL alone, with', ''], rows);
}

function isThroughput(measure: string): boolean {
  return THROUGHPUTS.has(measure.split(',')[0] ?? '');
}

function headerOf(ids: string[]): string[] {
  return ['', ...ids.map((id) => CONTENDERS[id]?.name ?? id)];
}
