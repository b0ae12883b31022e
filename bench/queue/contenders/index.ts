import type { Contender } from '../contender.ts';
import { bare } from './bare.ts';
import { createGantry } from './gantry.ts';
import { createGantrySql } from './gantry-sql.ts';
import { createGraphileWorker, LOCAL_QUEUE } from './graphile-worker.ts';
import { pgBoss } from './pg-boss.ts';

const BATCH = 500;
const LIMIT = 2_000;

/** Those that are compared: the product, its SQL alone, its peers, and a ceiling. */
export const CONTENDERS: Record<string, Contender> = {
  gantry: createGantry('Gantry, 10 slots', { slots: 10, measures: ['submit', 'bulk', 'drain', 'pick-up'] }),
  'gantry-100': createGantry('Gantry, 100 slots', { slots: 100, measures: ['drain'] }),
  'gantry-sql': createGantrySql('Gantry, SQL alone', { batch: BATCH, limit: LIMIT }),
  'graphile-worker': createGraphileWorker('graphile-worker', {
    measures: ['submit', 'bulk', 'drain', 'pick-up'],
  }),
  'graphile-local': createGraphileWorker('graphile-worker, localQueue', {
    measures: ['drain'],
    preset: LOCAL_QUEUE,
  }),
  'pg-boss': pgBoss,
  bare,
};

/** The SQL of Gantry with something less, to show what each thing costs. None of these is offered. */
export const VARIANTS: Record<string, Contender> = {
  'batch-1': createGantrySql('one job for each claim and completion', { batch: 1, limit: LIMIT }),
  'batch-10': createGantrySql('batches of 10', { batch: 10, limit: LIMIT }),
  'batch-100': createGantrySql('batches of 100', { batch: 100, limit: LIMIT }),
  'no-limit': createGantrySql('no limit on the queue', { batch: BATCH, limit: null }),
  'no-events': createGantrySql('no events', {
    batch: BATCH,
    limit: LIMIT,
    without: [
      without(
        'claim_jobs',
        'from claimed c\n      ), left_line',
        'from claimed c where false\n      ), left_line',
      ),
      without(
        'complete_jobs',
        'from completed c\n  ), stopped',
        'from completed c where false\n  ), stopped',
      ),
    ],
  }),
};

/** SQL that puts other words in the place of some in a function of the queue. */
function without(name: string, right: string, wrong: string): string {
  return `do $do$ begin execute (
    select replace(pg_get_functiondef(p.oid), $right$${right}$right$, $wrong$${wrong}$wrong$)
    from pg_proc p where p.pronamespace = 'gantry'::regnamespace and p.proname = '${name}'); end $do$`;
}

/** Finds one by its name on the command line. */
export function findContender(id: string): Contender {
  const contender = CONTENDERS[id] ?? VARIANTS[id];
  if (!contender) throw new Error(`There is no contender "${id}".`);
  return contender;
}
