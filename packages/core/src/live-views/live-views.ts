import type { AttemptRef } from '../attempts/heartbeat.ts';
import { type Db, runQuery } from '../db/run-query.ts';

/** How large the pictures of a live view are, and how often they come: to be looked at, or one among many on a grid. */
export type LiveSize = 'full' | 'small';

/** A request for pictures of an attempt while it runs. */
export type LiveRequest = AttemptRef & {
  size: LiveSize;
  /** By it the API that asks knows who brings the pictures: good once, and for this attempt. */
  token: string;
  /** Where that API process is reached by workers. */
  url: string;
};

/** Asks the worker of an attempt for pictures. If the attempt does not run, nothing happens. */
export async function requestLiveView(db: Db, o: LiveRequest & { ttlMs: number }): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.request_live_view($1, $2, $3, $4, $5, $6)',
    values: [o.token, o.jobId, o.attempt, o.size, o.url, o.ttlMs],
  });
}

/** Takes what is asked of these attempts of a worker. Each request is taken once, by one. */
export function takeLiveViews(
  db: Db,
  o: { workerId: string; held: AttemptRef[]; limit: number },
): Promise<LiveRequest[]> {
  return runQuery<LiveRequest>(db, {
    name: 'take-live-views',
    text: 'select token, job_id as "jobId", attempt, size, url from gantry.take_live_views($1, $2, $3, $4)',
    values: [o.workerId, o.held.map((a) => a.jobId), o.held.map((a) => a.attempt), o.limit],
  });
}

/** A job that runs at this moment. */
export type RunningJob = AttemptRef & {
  serviceName: string;
  fileName: string | null;
  /** Null when the account is gone. */
  userEmail: string | null;
  startedAt: string;
};

/** Everybody's jobs that run at this moment, longest first. */
export async function findRunning(db: Db, limit: number): Promise<RunningJob[]> {
  const rows = await runQuery<RunningJob & { startedAt: Date }>(db, {
    name: 'find-running',
    text: `select job_id as "jobId", attempt, service_name as "serviceName", file_name as "fileName",
        user_email as "userEmail", started_at as "startedAt"
      from gantry.find_running($1)`,
    values: [limit],
  });
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }));
}
