import { randomInt, randomUUID } from 'node:crypto';

import {
  Batcher,
  type ClaimedJob,
  type Completion,
  claimJobs,
  completeJobs,
  createServicePool,
  createSubmitter,
  estimateWait,
  openWorkerSession,
  publishService,
  registerWorker,
  submitJobs,
} from '@gantry/core';
import type pg from 'pg';

import { CONCURRENCY, type Contender, type DatabaseUrls, type OpenQueue } from '../contender.ts';
import { execute } from '../execute.ts';

const USER_ID = '00000000-0000-4000-8000-000000000001';
const SERVICE_ID = 'noop';
const QUEUE = 'bench';
const TTL = { resultTtlMs: 7 * 24 * 3_600_000 };
const LEASE_MS = 30_000;

/** What a worker does differently from the usual. */
export type GantryOptions = {
  /** Jobs claimed and completed at once. */
  batch: number;
  /** How many jobs of the queue may run; null for no limit. */
  limit: number | null;
  /** Statements run before a measurement: what a guarantee costs is seen when it is taken away. */
  without?: string[];
};

/** Gantry with limits, history, metrics and fencing: the product as it is. */
export function createGantry(name: string, o: GantryOptions): Contender {
  return {
    name,
    async prepare({ app, auth }) {
      await execute(auth, [
        `insert into auth.users (id, email, encrypted_password) values ('${USER_ID}', 'bench@example.com', 'x')`,
      ]);
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
      await execute(app, o.without ?? []);
    },
    open: (urls) => openGantry(urls, o),
    clear: [
      `truncate public.automation_jobs, public.automation_job_events, public.automation_job_payloads,
         public.job_execution_metrics cascade`,
    ],
    fill: (million) => [
      `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, rank, is_ready, max_attempts, timeout_ms)
       select '${USER_ID}', '${SERVICE_ID}', '${QUEUE}', now() + interval '1 day', now() + interval '1 day', false, 3, 60000
       from generate_series(1, ${million})`,
      `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
         attempt, attempts_used, finished_at, expires_at)
       select '${USER_ID}', '${SERVICE_ID}', '${QUEUE}', 'completed', false, 3, 60000, 1, 1, now(), now() + interval '7 days'
       from generate_series(1, ${million})`,
    ],
    fillReady: (million) => [
      `insert into auth.users (id, email, encrypted_password)
       select gen_random_uuid(), n || '@bench.example.com', 'x' from generate_series(1, 1000) n`,
      `insert into public.automation_jobs (user_id, service_id, queue_name, max_attempts, timeout_ms)
       select u.id, '${SERVICE_ID}', '${QUEUE}', 3, 60000
       from generate_series(1, ${million / 1000}) n cross join (select id from auth.users limit 1000) u`,
      `insert into gantry.ready_jobs (queue_name, rank, seq, job_id, user_id, service_id, priority)
       select queue_name, rank, seq, id, user_id, service_id, priority from public.automation_jobs where is_ready`,
    ],
  };
}

async function openGantry({ app }: DatabaseUrls, { batch }: GantryOptions): Promise<OpenQueue> {
  const pool = createServicePool({ databaseUrl: app, applicationName: 'bench', max: 10 });
  const submitOne = createSubmitter(pool);
  const jobOf = (n: number) => ({ userId: USER_ID, serviceId: SERVICE_ID, input: { n } });
  return {
    submit: async (n) => void (await submitOne(jobOf(n))),
    submitMany: async (ns) => void (await submitJobs(pool, ns.map(jobOf))),
    drain: (count) => drain(pool, count, batch),
    work: (onStart) => work(pool, app, onStart),
    estimate: (count) => estimate(pool, count),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

async function addWorker(pool: pg.Pool): Promise<{ id: string; sessionKey: number }> {
  const worker = { id: randomUUID(), sessionKey: randomInt(2 ** 31) };
  await registerWorker(pool, {
    ...worker,
    host: 'bench',
    pid: process.pid,
    version: '1',
    services: [SERVICE_ID],
    concurrency: CONCURRENCY,
  });
  return worker;
}

function createCompleter(pool: pg.Pool, batch: number): (job: ClaimedJob) => Promise<true> {
  const batcher = new Batcher<Completion, true>({
    maxSize: batch,
    run: async (completions) => {
      const lost = await completeJobs(pool, completions, TTL);
      if (lost.length > 0) throw new Error(`${lost.length} attempts were lost.`);
      return completions.map(() => true);
    },
  });
  return ({ jobId, attempt }) => batcher.add({ jobId, attempt, summary: null, browser: {} });
}

// One fetcher that keeps a batch ahead, ten handlers, and completions that share statements.
async function drain(pool: pg.Pool, count: number, batch: number): Promise<void> {
  const worker = await addWorker(pool);
  const complete = createCompleter(pool, batch);
  const ahead: ClaimedJob[] = [];
  const completions: Promise<true>[] = [];
  let fetching: Promise<void> | null = null;
  let started = 0;
  const fetch = async () => {
    ahead.push(...(await claimJobs(pool, { workerId: worker.id, limit: batch, leaseMs: LEASE_MS })));
    fetching = null;
  };
  const handle = async () => {
    while (started < count) {
      if (ahead.length < batch && fetching === null) fetching = fetch();
      const job = ahead.shift();
      if (job) {
        started++;
        completions.push(complete(job));
      } else {
        await fetching;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, handle));
  await Promise.all(completions);
}

async function work(
  pool: pg.Pool,
  databaseUrl: string,
  onStart: (n: number) => void,
): Promise<AsyncDisposable> {
  const worker = await addWorker(pool);
  const complete = createCompleter(pool, CONCURRENCY);
  let isClaiming = false;
  let isHinted = false;
  const claim = async () => {
    isHinted = true;
    if (isClaiming) return;
    isClaiming = true;
    while (isHinted) {
      isHinted = false;
      for (const job of await claimJobs(pool, {
        workerId: worker.id,
        limit: CONCURRENCY,
        leaseMs: LEASE_MS,
      })) {
        onStart(numberOf(job.input));
        await complete(job);
      }
    }
    isClaiming = false;
  };
  return openWorkerSession({
    databaseUrl,
    applicationName: 'bench-session',
    sessionKey: worker.sessionKey,
    onJobs: () => void claim(),
    onCancel: () => {},
  });
}

async function estimate(pool: pg.Pool, count: number): Promise<number[]> {
  await addWorker(pool);
  const { rows } = await pool.query<{ id: string }>(
    `select id from public.automation_jobs where status = 'pending' order by random() limit $1`,
    [count],
  );
  const times: number[] = [];
  for (const { id } of rows) {
    const begin = performance.now();
    await estimateWait(pool, id);
    times.push(performance.now() - begin);
  }
  return times;
}

function numberOf(input: ClaimedJob['input']): number {
  if (typeof input === 'object' && input !== null && 'n' in input && typeof input['n'] === 'number')
    return input['n'];
  throw new TypeError('A job without a number.');
}
