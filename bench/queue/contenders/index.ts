import type { Contender } from '../contender.ts';
import { bare } from './bare.ts';
import { createGantry } from './gantry.ts';
import { graphileWorker } from './graphile-worker.ts';
import { pgBoss } from './pg-boss.ts';

const BATCH = 500;
const LIMIT = 2_000;

/** Those that are compared: the product as it is, its peers, and a ceiling. */
export const CONTENDERS: Record<string, Contender> = {
  gantry: createGantry('Gantry', { batch: BATCH, limit: LIMIT }),
  'graphile-worker': graphileWorker,
  'pg-boss': pgBoss,
  bare,
};

/** Gantry with something less, to show what each thing costs. None of these is offered. */
export const VARIANTS: Record<string, Contender> = {
  'batch-1': createGantry('one job for each claim and completion', { batch: 1, limit: LIMIT }),
  'batch-10': createGantry('batches of 10', { batch: 10, limit: LIMIT }),
  'batch-100': createGantry('batches of 100', { batch: 100, limit: LIMIT }),
  'no-limit': createGantry('no limit on the queue', { batch: BATCH, limit: null }),
  'no-events': createGantry('no events', {
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
