import { type Db, runQuery } from '../db/run-query.ts';
import type { AttemptRef } from './heartbeat.ts';

/** Lists the attempts that the queue assigns to a worker. */
export function listRunningAttempts(db: Db, workerId: string): Promise<AttemptRef[]> {
  return runQuery<AttemptRef>(db, {
    name: 'list-running-attempts',
    text: `select j.id as "jobId", j.attempt
      from gantry.running_jobs r join public.automation_jobs j on j.id = r.job_id
      where j.worker_id = $1`,
    values: [workerId],
  });
}
