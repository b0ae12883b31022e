import { createServicePool, publishService } from '@gantry/core';

import type { Contender, DatabaseUrls } from '../contender.ts';
import { execute } from '../execute.ts';

/** Whose jobs are measured. */
export const USER_ID = '00000000-0000-4000-8000-000000000001';
export const SERVICE_ID = 'noop';
export const QUEUE = 'bench';

/** Whose jobs lie beside: the quota of the first user is not used up by them. */
const OTHER_USER_ID = '00000000-0000-4000-8000-000000000002';

/** Makes the accounts, the service and its queue. @param o.limit how many of its jobs may run; null for any number */
export async function prepareGantry({ app, auth }: DatabaseUrls, o: { limit: number | null }): Promise<void> {
  await execute(
    auth,
    [USER_ID, OTHER_USER_ID].map(
      (id) =>
        `insert into auth.users (id, email, encrypted_password) values ('${id}', '${id}@bench.example.com', 'x')`,
    ),
  );
  const pool = createServicePool({ databaseUrl: app, applicationName: 'bench' });
  await publishService(pool, {
    id: SERVICE_ID,
    name: 'No-op',
    description: 'Does nothing',
    category: 'Bench',
    queue: QUEUE,
    version: '1',
    inputSchema: { type: 'object' },
    acceptedFiles: null,
    answerColumns: [],
    timeoutMs: 60_000,
    maxAttempts: 3,
  });
  await pool.query('update public.automation_queues set concurrency_limit = $1 where name = $2', [
    o.limit,
    QUEUE,
  ]);
  await pool.end();
}

export const clear: Contender['clear'] = [
  `truncate public.automation_jobs, public.automation_job_events, public.automation_job_payloads,
     public.job_execution_metrics, gantry.job_allowances cascade`,
];

export const fill = (million: number): string[] => [
  `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, rank, is_ready, max_attempts, timeout_ms)
   select '${OTHER_USER_ID}', '${SERVICE_ID}', '${QUEUE}', now() + interval '1 day', now() + interval '1 day', false, 3, 60000
   from generate_series(1, ${million})`,
  `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
     attempt, attempts_used, finished_at, expires_at)
   select '${OTHER_USER_ID}', '${SERVICE_ID}', '${QUEUE}', 'completed', false, 3, 60000, 1, 1, now(), now() + interval '7 days'
   from generate_series(1, ${million})`,
];

export const fillReady = (million: number): string[] => [
  `insert into auth.users (id, email, encrypted_password)
   select gen_random_uuid(), n || '@bench.example.com', 'x' from generate_series(1, 1000) n`,
  `insert into public.automation_jobs (user_id, service_id, queue_name, max_attempts, timeout_ms)
   select u.id, '${SERVICE_ID}', '${QUEUE}', 3, 60000
   from generate_series(1, ${million / 1000}) n cross join (select id from auth.users limit 1000) u`,
  `insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
   select queue_name, place, rank, seq, id, user_id, service_id, priority from public.automation_jobs where is_ready`,
];

/** The number that a job carries. */
export function numberOf(input: unknown): number {
  if (typeof input === 'object' && input !== null && 'n' in input && typeof input.n === 'number')
    return input.n;
  throw new TypeError('A job without a number.');
}
