import { toMarkdown, withSpread } from '../report/markdown.ts';
import type { Rounds } from '../report/rounds.ts';
import { CONTENDERS } from './contenders/index.ts';

/** What stands in a line of the table, and what it is called. */
const LINES = [
  ['single', 'loaded p50', 'claim to page loaded, p50', ' ms'],
  ['single', 'loaded p95', 'claim to page loaded, p95', ' ms'],
  ['single', 'released p50', 'end of job to place free, p50', ' ms'],
  ['single', 'released p95', 'end of job to place free, p95', ' ms'],
  ['long, 1 at a time', 'perMinute', 'jobs of 1 s a minute, 1 at a time', ''],
  ['long, 2 at a time', 'perMinute', 'jobs of 1 s a minute, 2 at a time', ''],
  ['short, 1 at a time', 'perMinute', 'trivial pages a minute, 1 at a time', ''],
  ['short, 2 at a time', 'perMinute', 'trivial pages a minute, 2 at a time', ''],
  ['orphans', 'left', 'processes 1 s after SIGKILL of the worker', ''],
] as const;

/** The figures of all contenders. */
export function figuresTable(results: Rounds, ids: string[]): string {
  const rows = LINES.filter(([measure]) => results.measures.includes(measure)).map(
    ([measure, figure, title, unit]) => [
      title,
      ...ids.map((id) => withSpread(results.valuesOf(id, measure, figure), unit)),
    ],
  );
  return toMarkdown('Figures', ['', ...ids.map((id) => CONTENDERS[id]?.name ?? id)], rows);
}

/** What live view costs, and whether the page notices. */
export function liveTable(results: Rounds): string {
  const show = (figure: string, unit = '') => withSpread(results.valuesOf('gantry', 'live', figure), unit);
  return toMarkdown(
    'Live view at 10 frames a second, 800 × 600, of a page that moves with every frame',
    ['', 'nobody watches', 'somebody watches'],
    [
      ['frames that the page draws a second', show('drawn, unseen'), show('drawn')],
      ['frames that are sent a second', '', show('sent')],
      ['of a core, browser and worker', show('cpu, unseen', ' %'), show('cpu', ' %')],
    ],
  );
}
