import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Automation } from '@gantry/automations';
import { findBrowser } from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import type { Job, JobEvent } from '@gantry/contract';
import {
  createDirectoryStorage,
  createServicePool,
  createUpload,
  getJob,
  getJobEvents,
  getJobResults,
  listWorkers,
  type NewJob,
  newUploadKey,
  submitJob,
} from '@gantry/core';
import { createTestDatabase, type TestDatabase } from '@gantry/embedded/testing';
import { SheetPool } from '@gantry/sheet/pool';
import pg from 'pg';
import { pino } from 'pino';
import { expect } from 'vitest';

import type { Config } from '../src/config.ts';
import { type RunningWorker, startWorker } from '../src/start-worker.ts';
import type { WorkerDeps } from '../src/worker-deps.ts';
import { quickConfig } from './process-settings.ts';

/** A queue in a database of its own, with a user, storage and a directory for browsers. */
export type Queue = Awaited<ReturnType<typeof createQueue>>;

/** What a queue needs of a database. */
export type QueueDatabase = Pick<TestDatabase, 'databaseUrl' | 'createUser'> & AsyncDisposable;

/** Makes an empty queue. Fails at the end if a browser's directory or process was left. */
export async function createQueue(given: { database?: QueueDatabase } = {}) {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(given.database ?? (await createTestDatabase()));
  const directory = await mkdtemp(join(tmpdir(), 'gw-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const browserRootDir = join(directory, 'b');
  const pool = stack.adopt(
    createServicePool({ databaseUrl: database.databaseUrl, applicationName: 'test' }),
    (p) => p.end(),
  );
  const storage = createDirectoryStorage({ directory: join(directory, 'storage') });
  const sheets = stack.use(new SheetPool({ threads: 1 }));
  const user = await database.createUser();
  const binary = await findBrowser({ cacheDir: TEST_CACHE_DIR });
  const browsersLeft = () => readdir(browserRootDir).catch(() => []);
  const browserProcesses = () => findProcesses(browserRootDir);
  const resources = stack.move();
  const job = async (jobId: string): Promise<Job> => {
    const found = await getJob(pool, jobId);
    if (!found) throw new Error('The job is gone.');
    return found;
  };
  // From another database: no change of this one keeps the test from changing it back.
  const { href: elsewhere } = new URL('/postgres', database.databaseUrl);
  const databaseName = new URL(database.databaseUrl).pathname.slice(1);
  const alterDatabase = async (change: string): Promise<void> => {
    await queryAsOwner(elsewhere, `alter database ${databaseName} ${change}`);
  };
  return {
    database,
    directory,
    browserRootDir,
    storage,
    pool,
    user,
    browsersLeft,
    browserProcesses,
    job,
    /** What a worker in this process is made of. */
    deps: (automations: Automation[], o: Partial<Config> = {}): WorkerDeps => ({
      config: quickConfig({ browserRootDir, ...o }),
      databaseUrl: database.databaseUrl,
      pool,
      storage,
      sheets,
      automations,
      binary,
      log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
    }),
    /** A worker in this process, stopped at the end of the scope. */
    async startWorker(
      automations: Automation[],
      o: Partial<Config> = {},
    ): Promise<RunningWorker & AsyncDisposable> {
      const worker = await startWorker(this.deps(automations, o));
      return { ...worker, [Symbol.asyncDispose]: () => worker.stop('release') };
    },
    /** Submits a job, with a file if `csv` is given. */
    async submit(serviceId: string, o: Partial<NewJob> & { csv?: string } = {}): Promise<string> {
      const { csv, ...rest } = o;
      const upload = csv === undefined ? null : await this.upload(csv);
      const submission = { userId: user.id, serviceId, input: {}, ...rest };
      return (await submitJob(pool, { ...submission, ...(upload && { uploadId: upload.id }) })).jobId;
    },
    async upload(csv: string) {
      const storageKey = newUploadKey();
      const stored = await storage.put(storageKey, Buffer.from(csv), { contentType: 'text/csv' });
      return createUpload(pool, {
        userId: user.id,
        storageKey,
        fileName: 'list.csv',
        contentType: 'text/csv',
        rowCount: 0,
        ...stored,
      });
    },
    /** Waits until the job is in this state. */
    async untilStatus(jobId: string, status: Job['status'], timeout = 60_000): Promise<Job> {
      await expect.poll(async () => (await job(jobId)).status, { timeout, interval: 20 }).toBe(status);
      return job(jobId);
    },
    /** Waits until this step has been reported. */
    untilStep: (jobId: string, step: string, timeout = 60_000) =>
      expect.poll(async () => (await job(jobId)).step, { timeout, interval: 20 }).toBe(step),
    events: (jobId: string): Promise<JobEvent[]> => getJobEvents(pool, { jobId, afterSeq: 0, limit: 10_000 }),
    async results(jobId: string) {
      const results = await getJobResults(pool, jobId);
      if (!results) throw new Error('The job is gone.');
      return results;
    },
    /** Runs a statement that the service role may not. */
    asOwner: (text: string, values: unknown[] = []) => queryAsOwner(database.databaseUrl, text, values),
    /** Breaks all connections of an application. */
    endBackends: (applicationName: string) =>
      queryAsOwner(
        database.databaseUrl,
        `select pg_terminate_backend(pid, 10000) from pg_stat_activity
         where datname = current_database() and application_name = $1`,
        [applicationName],
      ),
    /** Alters the database for new connections. */
    alterDatabase,
    /** Alters the database for new connections, and breaks all that there are. */
    async reconfigure(change: string): Promise<void> {
      await alterDatabase(change);
      await queryAsOwner(
        elsewhere,
        'select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1',
        [databaseName],
      );
    },
    /** How the worker that came first stands in the pool. */
    workerStatus: async (): Promise<string | undefined> => (await listWorkers(pool)).at(-1)?.status,
    async outcomes(jobId: string): Promise<string[]> {
      const { rows } = await pool.query<{ outcome: string }>(
        'select outcome from public.job_execution_metrics where job_id = $1 order by attempt',
        [jobId],
      );
      return rows.map(({ outcome }) => outcome);
    },
    async [Symbol.asyncDispose]() {
      const left = [...(await browsersLeft()), ...(await browserProcesses())];
      await resources.disposeAsync();
      expect(left).toEqual([]);
    },
  };
}

async function queryAsOwner(databaseUrl: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

/** Live processes of browsers below a directory. */
export async function findProcesses(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return false;
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      // A zombie has neither.
      return `${await read('cmdline')}${await read('environ')}`.includes(`${directory}/chrome_user_data`);
    }),
  );
  return pids.filter((_, index) => found[index]);
}
