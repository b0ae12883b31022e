import { randomInt, randomUUID } from 'node:crypto';
import type { ServiceDescription } from '@gantry/contract';

import { createTestDatabase, type TestDatabase } from '@gantry/embedded/testing';
import pg from 'pg';
import { expect } from 'vitest';

import {
  type ClaimedJob,
  claimJobs,
  createSchedule,
  createServicePool,
  type NewJob,
  type NewJobEvent,
  type NewSchedule,
  publishService,
  registerWorker,
  submitJob,
} from '../src/index.ts';

/** A database with a service, a pool that acts as the service role, and short cuts for the usual steps. */
export type Fixture = Awaited<ReturnType<typeof createFixture>>;

const SERVICE: ServiceDescription = {
  id: 'a-service',
  name: 'A service',
  description: 'For tests',
  category: 'Tests',
  queue: 'default',
  version: '1',
  inputSchema: { type: 'object' },
  acceptedFiles: null,
  answerColumns: [],
  timeoutMs: 60_000,
  maxAttempts: 3,
};

/** How an attempt ends, where a test does not care. */
export const END = { resultTtlMs: 60_000, browser: { launchMs: 5, peakMemoryBytes: 10 } };

/** How an attempt fails so that it is retried. */
export const FAIL = {
  ...END,
  error: { code: 'BROKEN', message: 'It broke.' },
  isPermanent: false,
  backoffMs: 1000,
  maxBackoffMs: 60_000,
};

/** The answer for a row. */
export function rowEvent(index: number, status: 'completed' | 'failed' = 'completed'): NewJobEvent {
  const error = status === 'failed' ? { code: 'X', message: 'x' } : null;
  return { type: 'row', data: { index, key: `K${index}`, status, data: { n: index }, error } };
}

/** An hour in milliseconds. */
export const HOUR_MS = 3_600_000;

/** A day in milliseconds. */
export const DAY_MS = 24 * HOUR_MS;

export async function createFixture() {
  const database: TestDatabase = await createTestDatabase();
  const db: pg.Pool = createServicePool({
    databaseUrl: database.databaseUrl,
    applicationName: 'test',
    max: 30,
  });
  // One for all statements of the owner: to sign in costs more than most of them.
  const owner = new pg.Pool({ connectionString: database.adminDatabaseUrl });
  // A test may end all connections of its database.
  owner.on('error', () => {});
  await publishService(db, SERVICE);
  const user = await database.createUser();
  return {
    database,
    db,
    user,
    /** Publishes a service like the usual one. */
    publish: (o: Partial<ServiceDescription>) => publishService(db, { ...SERVICE, ...o }),
    /** Enters a worker and returns its id. No session stands behind it: only its lease and heartbeat count. */
    async addWorker(
      o: { services?: string[]; queues?: string[]; sessionKey?: number } = {},
    ): Promise<string> {
      const id = randomUUID();
      await registerWorker(db, {
        id,
        host: 'test',
        pid: 1,
        version: '1',
        services: o.services ?? [SERVICE.id],
        queues: o.queues,
        concurrency: 1,
        sessionKey: o.sessionKey ?? randomInt(2 ** 31),
      });
      return id;
    },
    async submit(o: Partial<NewJob> = {}): Promise<string> {
      return (await submitJob(db, { userId: user.id, serviceId: SERVICE.id, input: {}, ...o })).jobId;
    },
    /** Makes a schedule. Unless told otherwise it fires each day, half a day away from now: never while a test looks. */
    schedule: (o: Partial<NewSchedule> = {}): Promise<string> =>
      createSchedule(db, {
        userId: user.id,
        name: 'Each day',
        serviceId: SERVICE.id,
        input: {},
        cron: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`,
        timeZone: 'UTC',
        ...o,
      }),
    claim: (workerId: string, o: { limit?: number; leaseMs?: number } = {}): Promise<ClaimedJob[]> =>
      claimJobs(db, { workerId, limit: o.limit ?? 1, leaseMs: o.leaseMs ?? 60_000 }),
    /** Submits a job and starts its first attempt on a worker of its own. */
    async start(): Promise<{ workerId: string; jobId: string; attempt: number }> {
      const workerId = await this.addWorker();
      const jobId = await this.submit();
      await this.claim(workerId);
      return { workerId, jobId, attempt: 1 };
    },
    setLimit: (limit: number | null, queue = 'default') =>
      db.query('update public.automation_queues set concurrency_limit = $1 where name = $2', [limit, queue]),
    /** The jobs that count against the limits of their queues: they run, or their browser may. */
    holders: async (): Promise<string[]> =>
      (
        await db.query(
          `select id from public.automation_jobs where status = 'processing'
           union select job_id from gantry.lingering_attempts where held_until > gantry.clock()`,
        )
      ).rows.map((row) => row.id),
    /** For how long a worker that {@link silence} has silenced has said nothing. */
    SILENCE_MS: 500 * HOUR_MS,
    /** Makes it look as if a worker had said nothing for {@link SILENCE_MS}. */
    async silence(workerId: string): Promise<void> {
      await this.asOwner(
        'update public.automation_workers set heartbeat_at = gantry.clock() - gantry.milliseconds($2) where id = $1',
        [workerId, this.SILENCE_MS],
      );
    },
    /** Makes the database's clock run so far ahead of the machine's. Each test has a database of its own. */
    setClock: (aheadMs: number) =>
      withOwner(owner, (client) =>
        client.query(
          `create or replace function gantry.clock() returns timestamptz
           language sql volatile return clock_timestamp() + interval '${Math.round(aheadMs)} ms'`,
        ),
      ),
    /** Puts other words in the place of some in a function of the queue. */
    rewrite: (name: string, right: string, wrong: string) =>
      withOwner(owner, async (client) => {
        const { rows } = await client.query<{ text: string }>(
          `select pg_get_functiondef(p.oid) as text from pg_proc p
           where p.pronamespace = 'gantry'::regnamespace and p.proname = $1`,
          [name],
        );
        const text = rows.map((row) => row.text).join();
        if (!text.includes(right)) throw new Error(`gantry.${name} does not say: ${right}`);
        await client.query(text.replaceAll(right, wrong));
      }),
    /** Makes the claims of a worker end now, as if it had said nothing for a lease. */
    endLease: (jobId: string) =>
      withOwner(owner, (client) =>
        client.query(
          `update public.automation_jobs set lease_expires_at = now() - interval '1 second'
           where id = $1 and status = 'processing'`,
          [jobId],
        ),
      ),
    /** Waits until so many connections to this database wait for a lock. */
    untilBlocked: (count: number) =>
      expect
        .poll(async () => {
          const { rows } = await db.query(
            `select count(*)::integer as n from pg_locks l join pg_stat_activity a using (pid)
             where not l.granted and a.datname = current_database()`,
          );
          return rows[0].n;
        })
        .toBe(count),
    /** Runs a statement that only the owner of the tables may. */
    asOwner: (text: string, values: unknown[] = []) =>
      withOwner(owner, (client) => client.query(text, values)),
    /**
     * Writes jobs as the owner of the tables, past the functions of the queue: after it, the line, what runs and what
     * expires are those of the jobs as they are.
     */
    write: (text: string, values: unknown[] = []) =>
      withOwner(owner, async (client) => {
        await client.query('begin');
        await client.query(text, values);
        await client.query(MATCH_JOBS);
        await client.query('commit');
      }),
    /** The name of this database. */
    databaseName: async (): Promise<string> =>
      (await db.query('select current_database() as name')).rows[0].name,
    /** Collects what is said on a channel. */
    async listen(channel: string) {
      const client = new pg.Client({ connectionString: database.databaseUrl });
      const payloads: string[] = [];
      client.on('notification', (message) => payloads.push(message.payload ?? ''));
      await client.connect();
      await client.query(`listen ${channel}`);
      return { payloads, [Symbol.asyncDispose]: () => client.end() };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([db.end(), owner.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}

const MATCH_JOBS = `
  set local enable_nestloop = off;
  update public.automation_jobs set place = gantry.place_of(queue_name, rank)
  where is_ready and place is distinct from gantry.place_of(queue_name, rank);
  delete from gantry.ready_jobs r where not exists (select from public.automation_jobs j
    where j.id = r.job_id and j.is_ready and (j.queue_name, j.place, j.rank, j.seq) = (r.queue_name, r.place, r.rank, r.seq));
  insert into gantry.ready_jobs (queue_name, place, rank, seq, job_id, user_id, service_id, priority)
  select queue_name, place, rank, seq, id, user_id, service_id, priority from public.automation_jobs j
  where is_ready and not exists (select from gantry.ready_jobs r
    where (r.queue_name, r.place, r.rank, r.seq) = (j.queue_name, j.place, j.rank, j.seq));
  delete from gantry.running_jobs r where not exists (select from public.automation_jobs j
    where j.id = r.job_id and j.status = 'processing'
      and (j.queue_name, j.attempt_started_at) = (r.queue_name, r.attempt_started_at));
  insert into gantry.running_jobs (queue_name, attempt_started_at, job_id, user_id)
  select queue_name, attempt_started_at, id, user_id from public.automation_jobs
  where status = 'processing' on conflict do nothing;
  update gantry.running_starts s set first_attempt = least(s.first_attempt, (
    select min(attempt_started_at) from gantry.running_jobs r where r.queue_name = s.queue_name));
  delete from gantry.expiring_jobs e where not exists (select from public.automation_jobs j
    where j.id = e.job_id and j.expires_at = e.expires_at);
  insert into gantry.expiring_jobs (expires_at, job_id)
  select expires_at, id from public.automation_jobs where expires_at is not null on conflict do nothing`;

async function withOwner<T>(owner: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await owner.connect();
  let isWell = false;
  try {
    const result = await run(client);
    isWell = true;
    return result;
  } finally {
    client.release(!isWell);
  }
}
