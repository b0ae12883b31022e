import { type Db, runQuery } from '../db/run-query.ts';
import { DEFAULTS } from '../settings.ts';

/** What was taken from dead workers, and what became of it. */
export type Rescued = { jobId: string; outcome: 'rescued' | 'failed' };

/** Gives the jobs of dead workers to others. Safe to run anywhere and at the same time. */
export function rescueJobs(
  db: Db,
  o: { sessionGraceMs?: number; stuckAfterMs?: number; resultTtlMs?: number } = {},
): Promise<Rescued[]> {
  return runQuery<Rescued>(db, {
    name: 'rescue-jobs',
    text: 'select job_id as "jobId", outcome from gantry.rescue_jobs($1, $2, $3)',
    values: [
      o.sessionGraceMs ?? DEFAULTS.sessionGraceMs,
      o.stuckAfterMs ?? DEFAULTS.stuckAfterMs,
      o.resultTtlMs ?? DEFAULTS.resultTtlMs,
    ],
  });
}
