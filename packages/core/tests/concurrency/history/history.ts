import type { JobStatus } from '@gantry/contract';
import type { Fixture } from '../../fixture.ts';

/** An event of a job. `at` is the database's time in microseconds; between jobs it is the only order there is. */
export type HistoryEvent = {
  jobId: string;
  seq: number;
  attempt: number;
  type: string;
  at: number;
  /** Of a change of state. */
  from?: JobStatus | undefined;
  to?: JobStatus | undefined;
  reason?: string | undefined;
  /** Of an artifact. */
  artifactId?: string | undefined;
};

/** A job as it stands at the end. */
export type HistoryJob = {
  id: string;
  userId: string;
  queue: string;
  status: JobStatus;
  attempt: number;
  attemptsUsed: number;
  maxAttempts: number;
  rank: number;
  idempotencyKey: string | null;
};

/** What the queue says happened: everything that the checker believes of the database. */
export type History = {
  events: HistoryEvent[];
  jobs: HistoryJob[];
  attempts: { jobId: string; attempt: number; outcome: string; workerId: string }[];
  artifacts: { id: string; jobId: string; attempt: number }[];
};

/** What those say who used the queue. Answers that were lost are not in it, so the database may know more. */
export type Witness = {
  /** Every submission that was answered. */
  submitted: { jobId: string; userId: string; key?: string }[];
  /** Every try to cancel that was answered: `too late` if the job had ended. */
  cancels: { jobId: string; answer: 'cancelled' | 'too late' }[];
  /** Whether some submissions got no answer, so that there may be jobs that nobody knows of. */
  mayHaveMore?: boolean;
};

/** Reads everything that the queue knows of its past. */
export async function readHistory({ db }: Fixture): Promise<History> {
  const [events, jobs, attempts, artifacts] = await Promise.all([
    db.query(
      `select job_id as "jobId", seq, attempt, type, (extract(epoch from created_at) * 1e6)::float8 as at,
         data ->> 'from' as "from", data ->> 'to' as "to", data -> 'cause' ->> 'code' as reason,
         case type when 'artifact' then data ->> 'id' end as "artifactId"
       from public.automation_job_events
       union all
       select id, 1, 0, 'state', (extract(epoch from created_at) * 1e6)::float8, null, 'pending', 'submitted', null
       from public.automation_jobs order by 1, 2`,
    ),
    db.query(
      `select id, user_id as "userId", queue_name as queue, status, attempt, attempts_used as "attemptsUsed",
         max_attempts as "maxAttempts", extract(epoch from rank)::float8 as rank, idempotency_key as "idempotencyKey"
       from public.automation_jobs`,
    ),
    db.query(
      `select job_id as "jobId", attempt, outcome, worker_id as "workerId" from public.job_execution_metrics`,
    ),
    db.query('select id, job_id as "jobId", attempt from public.automation_job_artifacts'),
  ]);
  const present = (event: HistoryEvent): HistoryEvent => ({
    ...event,
    from: event.from ?? undefined,
    to: event.to ?? undefined,
  });
  return {
    events: events.rows.map(present),
    jobs: jobs.rows,
    attempts: attempts.rows,
    artifacts: artifacts.rows,
  };
}
