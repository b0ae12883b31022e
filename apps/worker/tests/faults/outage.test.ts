import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sweepBrowsers } from '@gantry/chrome';
import { openEmbedded } from '@gantry/embedded';
import { fillDataDir } from '@gantry/embedded/testing';
import pg from 'pg';
import { pino } from 'pino';
import { expect, test } from 'vitest';

import { publishServices } from '../../src/maintenance/publish-services.ts';
import { startWorker } from '../../src/start-worker.ts';
import { startBehindProxy } from '../browsers/start-behind-proxy.ts';
import { createQueue, findProcesses, type QueueDatabase } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { automationOf, hangInPage, ROWS, rowsOf } from '../test-automations.ts';
import { openDatabaseProxy } from './database-proxy.ts';
import { loseFirstAnswer } from './lose-answers.ts';

/** Long enough that a busy machine does not let it lapse by itself. */
const LEASE_MS = 15_000;

test('a worker that cannot renew its lease kills the browser while the lease still lasts', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    if (context.attempt === 1) await hangInPage(context);
  });
  await using proxy = await openDatabaseProxy(queue.database.databaseUrl);
  await using _worker = await startBehindProxy(queue, proxy, automation, { leaseMs: LEASE_MS });
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');

  proxy.silence();

  await expect.poll(() => queue.browserProcesses(), { interval: 20 }).toEqual([]);
  const { rows } = await queue.pool.query(
    'select status, attempt, lease_expires_at > clock_timestamp() as lasts from public.automation_jobs where id = $1',
    [jobId],
  );
  expect(rows).toEqual([{ status: 'processing', attempt: 1, lasts: true }]);
  proxy.heal();
  await queue.untilStatus(jobId, 'completed', 60_000);
});

test('a worker that is cut off has killed its browser before another one begins the job', async () => {
  await using queue = await createQueue();
  await using proxy = await openDatabaseProxy(queue.database.databaseUrl);
  const browserRootDir = join(queue.directory, 'cut-off');
  const config = { leaseMs: LEASE_MS, browserRootDir };
  await using _cutOff = await startBehindProxy(queue, proxy, automationOf(hangInPage), config);
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');
  expect(await findProcesses(browserRootDir)).not.toEqual([]);

  proxy.silence();
  const stillThere: number[] = [];
  const automation = automationOf(async () => {
    stillThere.push(...(await findProcesses(browserRootDir)));
  });
  await using _other = await queue.startWorker([automation], { leaseMs: LEASE_MS });

  expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 2 });
  expect(stillThere).toEqual([]);
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
  proxy.heal();
});

test('a worker that is told twice to stop ends with its browser, also when the database does not answer', async () => {
  await using gate = await openGate({ isOpen: ({ row }) => row < 3 });
  await using queue = await createQueue();
  await using proxy = await openDatabaseProxy(queue.database.databaseUrl);
  const { databaseUrl } = proxy;
  await using worker = await spawnWorker(
    { ...queue, database: { ...queue.database, databaseUrl } },
    gate.url,
  );
  await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });

  proxy.silence();
  // Two of the same kind may arrive as one.
  worker.send('SIGTERM');
  worker.send('SIGINT');

  expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await expect.poll(() => queue.browserProcesses()).toEqual([]);
  await sweepBrowsers({ rootDir: queue.browserRootDir });
});

test('while the database is away a run goes on, and what it reports is kept until it is back', async () => {
  await using gate = await openGate({ isOpen: ({ row }) => row < 3 });
  await using queue = await createQueue();
  await using proxy = await openDatabaseProxy(queue.database.databaseUrl);
  await using _worker = await startBehindProxy(queue, proxy, rowsOf(gate.url), { leaseMs: LEASE_MS });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });

  proxy.close();
  gate.open();
  await expect.poll(() => queue.pool.query(CONNECTIONS).then(({ rows }) => rows[0]?.count)).toBe(0);
  proxy.heal();

  const job = await queue.untilStatus(jobId, 'completed', 30_000);
  expect(job.attempt).toBe(1);
  expect((await queue.results(jobId)).rows).toHaveLength(ROWS);
});

test('a database that crashes in the middle of a job loses none of its rows', async () => {
  await using gate = await openGate({ isOpen: ({ row }) => row < 3 });
  await using queue = await createQueue({ database: await openOwnDatabase() });
  await using _worker = await queue.startWorker([rowsOf(gate.url)], { leaseMs: LEASE_MS });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });

  // Postgres takes the death of one backend for a corruption of all: it ends them and recovers from its log.
  const { rows } = await queue.pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
  gate.open();

  await expect.poll(() => queue.job(jobId).then(({ status }) => status, String)).toBe('completed');
  expect((await queue.results(jobId)).rows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  const told = (await queue.events(jobId)).filter(({ type }) => type === 'row');
  expect(told).toHaveLength(ROWS);
});

test('when the answer to the last word is lost, the job is completed once and the worker knows it', async () => {
  await using queue = await createQueue();
  const { pool, isLost } = loseFirstAnswer(queue.pool, 'complete-jobs');
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  const worker = await startWorker({ ...queue.deps([automationOf(async () => {})]), pool, log });
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');
  await worker.stop('drain');

  expect(isLost()).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ msg: 'the attempt has ended', jobId, end: 'completed' }),
  );
  expect(await queue.outcomes(jobId)).toEqual(['completed']);
});

test('when the answer to a claim is lost, the job is given back and run', async () => {
  await using queue = await createQueue();
  const deps = queue.deps([automationOf(async () => {})]);
  await publishServices(deps);
  const jobId = await queue.submit('a-service');
  const { pool, isLost } = loseFirstAnswer(queue.pool, 'claim-jobs');

  const worker = await startWorker({ ...deps, pool });

  await queue.untilStatus(jobId, 'completed');
  await worker.stop('drain');
  expect(isLost()).toBe(true);
  expect(await queue.outcomes(jobId)).toEqual(['released', 'completed']);
  expect(await queue.job(jobId)).toMatchObject({ attempt: 2, attemptsUsed: 1 });
});

/** A Postgres of its own: what happens to it happens to no other test. */
async function openOwnDatabase(): Promise<QueueDatabase> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'gwd-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  await fillDataDir(dataDir);
  const migrationsDir = join(import.meta.dirname, '../../../../supabase/migrations');
  const embedded = stack.use(await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir }));
  const resources = stack.move();
  return {
    databaseUrl: embedded.databaseUrl,
    async createUser() {
      const client = new pg.Client({ connectionString: embedded.authDatabaseUrl });
      await client.connect();
      const { rows } = await client.query<{ id: string; email: string }>(
        'select id, email from auth.users limit 1',
      );
      await client.end();
      const [user] = rows;
      if (!user) throw new Error('A new embedded database has demo accounts.');
      return { ...user, password: '' };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const CONNECTIONS = `select count(*)::int as count from pg_stat_activity
  where datname = current_database() and application_name in ('behind-proxy', 'gantry-worker-heartbeat', 'gantry-worker-listen')`;
