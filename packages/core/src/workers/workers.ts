import type { Worker } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';

/** Lists workers, live ones first, then those that ended in the last day. */
export async function listWorkers(db: Db): Promise<Worker[]> {
  const rows = await runQuery<Worker & { startedAt: Date; heartbeatAt: Date }>(db, {
    text: `select w.id, w.host, w.pid, w.version, w.services, w.queues, w.concurrency, w.status, w.started_at as "startedAt",
        w.heartbeat_at as "heartbeatAt",
        coalesce((select jsonb_agg(jsonb_build_object('jobId', j.id, 'serviceId', j.service_id, 'attempt', j.attempt)
            order by j.attempt_started_at)
          from gantry.running_jobs r join public.automation_jobs j on j.id = r.job_id where j.worker_id = w.id), '[]') as running
      from public.automation_workers w
      where w.stopped_at is null or w.stopped_at > gantry.clock() - interval '1 day'
      order by w.stopped_at nulls first, w.started_at desc limit 200`,
  });
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
  }));
}

/** A worker that enters the pool. */
export type NewWorker = {
  id: string;
  host: string;
  pid: number;
  version: string;
  services: string[];
  /** The queues that it serves; all by default. */
  queues?: string[] | undefined;
  concurrency: number;
  /** Key of the advisory lock that its session holds. */
  sessionKey: number;
};

/** Enters a worker. */
export async function registerWorker(db: Db, w: NewWorker): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.register_worker($1, $2, $3, $4, $5, $6, $7, $8)',
    values: [w.id, w.host, w.pid, w.version, w.services, w.concurrency, w.sessionKey, w.queues ?? null],
  });
}

/** From now on the worker takes nothing new. */
export async function drainWorker(db: Db, workerId: string): Promise<void> {
  await runQuery(db, { text: 'select gantry.drain_worker($1)', values: [workerId] });
}

/** The worker has ended in good order. */
export async function stopWorker(db: Db, workerId: string): Promise<void> {
  await runQuery(db, { text: 'select gantry.stop_worker($1)', values: [workerId] });
}
