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
  registerWorker,
  submitJobs,
} from '@gantry/core';
import type pg from 'pg';

import { CONCURRENCY, type Contender, type DatabaseUrls, type OpenQueue } from '../contender.ts';
import { execute } from '../execute.ts';
import { clear, fillReady, numberOf, prepareGantry, SERVICE_ID, USER_ID } from './gantry-database.ts';

const TTL = { resultTtlMs: 7 * 24 * 3_600_000 };
const LEASE_MS = 30_000;

/** What a worker does differently from the usual. */
export type GantrySqlOptions = {
  /** Jobs claimed and completed at once. */
  batch: number;
  /** How many jobs of the queue may run; null for no limit. */
  limit: number | null;
  /** Statements run before a measurement: what a guarantee costs is seen when it is taken away. */
  without?: string[];
};

/** The SQL of Gantry without its worker: one fetcher keeps a batch ahead, and no quota is checked. */
export function createGantrySql(name: string, o: GantrySqlOptions): Contender {
  return {
    name,
    measures: ['bulk', 'drain', 'pick-up', 'estimate'],
    async prepare(urls) {
      await prepareGantry(urls, o);
      await execute(urls.app, o.without ?? []);
    },
    open: (urls) => openGantrySql(urls, o),
    clear,
    fillReady,
  };
}

async function openGantrySql({ app }: DatabaseUrls, { batch }: GantrySqlOptions): Promise<OpenQueue> {
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
