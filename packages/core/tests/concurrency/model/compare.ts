import { expect } from 'vitest';

import type { Fixture } from '../../fixture.ts';
import type { QueueModel } from './queue-model.ts';

/** Expects every job in the database to be what the model says, with all its events. */
export async function compare(model: QueueModel, f: Fixture): Promise<void> {
  const { rows } = await f.db.query(
    `select j.id, j.queue_name as queue, j.status, j.is_ready as "isReady", j.attempt, j.attempts_used as used, j.losses,
       j.runs_alone as "runsAlone", j.worker_id as "workerId",
       coalesce(j.lease_expires_at > gantry.clock(), false) as "isHeld",
       (select count(*)::integer from gantry.ready_jobs r
         where r.queue_name = j.queue_name and r.place = j.place and r.rank = j.rank and r.seq = j.seq and r.job_id = j.id) as "inLine",
       (select count(*)::integer from gantry.running_jobs r
         where r.queue_name = j.queue_name and r.attempt_started_at = j.attempt_started_at and r.job_id = j.id) as "runs",
       exists (select from gantry.lingering_attempts l
         where l.job_id = j.id and l.attempt = j.attempt and l.held_until > gantry.clock()) as lingers,
       array[1] || array(select e.seq from public.automation_job_events e where e.job_id = j.id order by e.seq) as seqs,
       (select count(*)::integer from public.job_execution_metrics m where m.job_id = j.id) as ended
     from public.automation_jobs j order by j.seq`,
  );
  const { rows: entries } = await f.db.query(
    `select (select count(*)::integer from gantry.ready_jobs) as ready, (select count(*)::integer from gantry.running_jobs) as running,
       (select count(*)::integer from gantry.expiring_jobs e join public.automation_jobs j
         on j.id = e.job_id and j.expires_at = e.expires_at) as ended, (select count(*)::integer from gantry.expiring_jobs) as expiring,
       (select count(*)::integer from gantry.ready_jobs j join gantry.line_starts s using (queue_name)
         where j.place < s.first_place) as "passedOver",
       (select count(*)::integer from gantry.running_jobs j join gantry.running_starts s using (queue_name)
         where j.attempt_started_at < s.first_attempt) as uncounted`,
  );
  expect(entries).toEqual([
    {
      ready: model.jobs.filter((job) => job.isReady).length,
      running: model.jobs.filter((job) => job.status === 'processing').length,
      ended: model.jobs.filter((job) => job.status !== 'pending' && job.status !== 'processing').length,
      expiring: model.jobs.filter((job) => job.status !== 'pending' && job.status !== 'processing').length,
      passedOver: 0,
      uncounted: 0,
    },
  ]);
  expect(rows).toEqual(
    model.jobs.map((job) => ({
      id: job.id,
      queue: job.queue,
      status: job.status,
      isReady: job.isReady,
      attempt: job.attempt,
      used: job.used,
      losses: job.losses,
      runsAlone: job.runsAlone,
      workerId: job.workerId,
      isHeld: model.holds(job),
      inLine: job.isReady ? 1 : 0,
      runs: job.status === 'processing' ? 1 : 0,
      lingers: model.lingers(job),
      seqs: Array.from({ length: job.events }, (_, i) => i + 1),
      ended: job.status === 'processing' ? job.attempt - 1 : job.attempt,
    })),
  );
}
