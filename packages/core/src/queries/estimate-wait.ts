import type { WaitEstimate } from '../job.ts';
import { type Db, runForOne } from '../run-query.ts';

/** Where a job stands in its queue. Needs the service role: it counts other people's jobs. */
export async function estimateWait(db: Db, jobId: string): Promise<WaitEstimate> {
  return runForOne<WaitEstimate>(db, {
    name: 'estimate-wait',
    text: `select queue_position as "queuePosition", estimated_wait_ms::float8 as "estimatedWaitTime",
        wait_reason as "waitReason"
      from gantry.estimate_wait($1)`,
    values: [jobId],
  });
}
