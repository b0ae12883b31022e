import { loadavg } from 'node:os';

import { goalsTable } from '../report/goals.ts';
import { describeMachine } from '../report/machine.ts';
import { Rounds } from '../report/rounds.ts';
import { GOALS, isJudged } from './goals.ts';
import { type Lab, openLab } from './lab.ts';
import { measureOrphans } from './measure-orphans.ts';
import { MEASURES } from './measures.ts';
import { figuresTable, liveTable } from './tables.ts';

/** What is compared, and how long. */
export type ComparisonOptions = {
  /** Names of contenders. */
  ids: string[];
  /** Names of measures, or how they begin: `long` is both measures with long jobs. */
  measures: string[];
  rounds: number;
  /** Quick shows that everything runs: each contender in some measures, and in others those that a goal evaluates. */
  size: 'full' | 'quick';
};

/** In these a quick run measures everybody. */
const QUICK_FOR_ALL = new Set(['single', 'long, 1 at a time']);

const EXPLANATION = `All drive the same program through a pipe. Gantry keeps as many warmBrowsers as it runs jobs at a time; its pages go through its
egress proxy, and a place is free when the browser's processes and its directory are gone. puppeteer-cluster keeps its
browsers, one for all (CONTEXT) or one for each place (BROWSER), and closes a context after each job. crawlee retires a
browser after its first page; it looks for jobs now and then, so how soon it begins a single one says nothing of browsers. The
last column is a warm shared browser with nothing around it. Ratios are taken within each round.
`;

/** What can be asked for. */
export const ALL_MEASURES = [...Object.keys(MEASURES), 'orphans', 'live'];

/** Measures all that is asked for. @returns the report, in Markdown */
export async function compare(o: ComparisonOptions): Promise<string> {
  const [load = 0] = loadavg();
  const results = new Rounds();
  await using lab = await openLab();
  for (const measure of o.measures) {
    // Rounds in turn, so that a drift of the machine hits all.
    for (let round = 0; round < o.rounds; round++) {
      for (const contender of o.ids) {
        if (o.size === 'quick' && !QUICK_FOR_ALL.has(measure) && !isJudged(contender, measure)) continue;
        const figures = await measureOne(lab, contender, measure, o.size);
        if (figures) results.add(contender, measure, figures);
      }
    }
  }
  return [
    '# The browser, measured\n',
    `${describeMachine(`${lab.binary.version}, shared by site, worker and browsers`)}, with a load of ${load.toFixed(1)} before the run. Medians of ${o.rounds} rounds, and between what they lay.\n`,
    EXPLANATION,
    figuresTable(results, o.ids),
    ...(results.measures.includes('live') ? [liveTable(results)] : []),
    goalsTable(GOALS, results),
  ].join('\n');
}

function measureOne(lab: Lab, contender: string, measure: string, size: 'full' | 'quick') {
  if (measure === 'orphans') return measureOrphans(lab, contender);
  // The peers show nobody how a job goes.
  if (measure === 'live')
    return contender === 'gantry' ? lab.measure('live.ts', { contender, measure, size }) : null;
  return lab.measure('run-one.ts', { contender, measure, size });
}
