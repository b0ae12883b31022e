// From an event written to the clients that watch: `pnpm --filter @gantry/bench events`. A thousand streams on one API
// process, all on one job and each on a job of its own. `--quick` to see that it runs. Writes bench/results/events.md.
import { type ChildProcess, fork } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import {
  appendEvents,
  claimJobs,
  createServicePool,
  openWorkerSession,
  publishService,
  registerWorker,
  submitJobs,
} from '@gantry/core';
import { loadSigningKey, openEmbedded } from '@gantry/embedded';
import { SignJWT } from 'jose';
import { z } from 'zod';

import { execute } from '../queue/execute.ts';
import { describeMachine, describePostgres } from '../report/machine.ts';
import { toMarkdown } from '../report/markdown.ts';
import { percentiles } from '../report/statistics.ts';
import { writeResults } from '../report/write-results.ts';
import { startApi } from '../start-api.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, seconds: { type: 'string' } },
});
const STREAMS = flags.quick ? 40 : 1_000;
const SECONDS = Number(flags.seconds ?? (flags.quick ? 2 : 60));
const STREAMS_PER_USER = 20;
const CLIENT_PROCESSES = 2;
const SERVICE_ID = 'watched';
const LEASE_MS = 3_600_000;

await using stack = new AsyncDisposableStack();
const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
stack.defer(() => rm(dataDir, { recursive: true, force: true }));
const embedded = stack.use(
  await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir: join(ROOT, 'supabase/migrations') }),
);
const pool = stack.adopt(
  createServicePool({ databaseUrl: embedded.databaseUrl, applicationName: 'bench' }),
  (it) => it.end(),
);
const userIds = Array.from({ length: STREAMS / STREAMS_PER_USER }, () => randomUUID());
await execute(
  embedded.authDatabaseUrl,
  userIds.flatMap((id) => [
    `insert into auth.users (id, email, encrypted_password, raw_app_meta_data)
      values ('${id}', '${id}@example.com', 'x', '{"role": "admin"}')`,
    `insert into auth.sessions (id, user_id) values ('${id}', '${id}')`,
  ]),
);
const api = await startApi(dataDir);
stack.defer(() => api.stop());

const shapes = [
  { name: `${STREAMS} streams on one job`, jobs: 1, eventsPerSecond: 2 },
  { name: `${STREAMS} streams on ${STREAMS} jobs`, jobs: STREAMS, eventsPerSecond: 100 },
];
const rows: string[][] = [];
for (const shape of shapes) rows.push([shape.name, ...(await measure(shape))]);
const version =
  (await pool.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? '';
const report = [
  '# From an event written to the clients that watch\n',
  `${describeMachine(describePostgres(version))}; the clients too. ${SECONDS} s each. Goal: p95 at most 50 ms, and memory that does not grow.\n`,
  toMarkdown('Figures', ['', 'events/s', 'arrivals', 'p50', 'p95', 'p99', 'API memory before, after'], rows),
].join('\n');
process.stdout.write(report);
if (!flags.quick) await writeResults('events', report);

async function measure({ jobs, eventsPerSecond }: (typeof shapes)[number]): Promise<string[]> {
  const attempts = await startJobs(jobs);
  const tokens = await Promise.all(userIds.map(sign));
  const watches = Array.from({ length: STREAMS }, (_, n) => ({
    jobId: attempts[n % attempts.length]?.jobId ?? '',
    token: tokens[n % tokens.length] ?? '',
  }));
  const share = STREAMS / CLIENT_PROCESSES;
  const clients = await Promise.all(
    Array.from({ length: CLIENT_PROCESSES }, async (_, n) => {
      const client = fork(join(import.meta.dirname, 'subscriber.ts'), { stdio: 'inherit' });
      client.send({ url: api.url, watches: watches.slice(n * share, (n + 1) * share) });
      await once(client, 'message');
      return client;
    }),
  );
  // The first seconds warm up; the memory is that of a process that has worked.
  await write(attempts, eventsPerSecond, SECONDS / 4);
  await pause(3_000);
  await collect(clients);
  const before = await residentMegabytes();
  const written = await write(attempts, eventsPerSecond, SECONDS);
  const expected = written * (STREAMS / jobs);
  const latencies: number[] = [];
  for (
    const giveUpAt = performance.now() + 30_000;
    latencies.length < expected && performance.now() < giveUpAt;
  ) {
    await pause(200);
    latencies.push(...(await collect(clients)));
  }
  const after = await residentMegabytes();
  for (const client of clients) {
    client.send('stop');
    await once(client, 'exit');
  }
  if (latencies.length !== expected) throw new Error(`${latencies.length} of ${expected} arrivals.`);
  const { p50, p95, p99 } = percentiles(latencies);
  const ms = (value = Number.NaN) => `${value.toFixed(1)} ms`;
  return [
    String(eventsPerSecond),
    latencies.length.toLocaleString('en'),
    ms(p50),
    ms(p95),
    ms(p99),
    `${before}, ${after} MB`,
  ];
}

/** Writes events in an even beat, as workers would. Returns how many. */
async function write(
  attempts: { jobId: string; attempt: number }[],
  perSecond: number,
  seconds: number,
): Promise<number> {
  const count = Math.round(perSecond * seconds);
  const begin = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, begin + (n * 1000) / perSecond - performance.now()));
    const attempt = attempts[n % attempts.length];
    if (!attempt) break;
    const name = `mark-${(performance.timeOrigin + performance.now()).toFixed(2)}-`;
    writes.push(appendEvents(pool, { ...attempt, events: [{ type: 'step', data: { name } }] }));
  }
  await Promise.all(writes);
  return count;
}

async function startJobs(count: number): Promise<{ jobId: string; attempt: number }[]> {
  await publishService(pool, {
    id: SERVICE_ID,
    name: 'Watched',
    description: 'Is watched',
    category: 'Bench',
    queue: 'watched',
    version: '1',
    inputSchema: { type: 'object' },
    acceptedFiles: null,
    answerColumns: [],
    timeoutMs: 3_600_000,
    maxAttempts: 1,
  });
  await pool.query(`update public.automation_queues set concurrency_limit = null where name = 'watched'`);
  const userId = userIds[0] ?? '';
  await submitJobs(
    pool,
    Array.from({ length: count }, () => ({ userId, serviceId: SERVICE_ID, input: {} })),
  );
  const workerId = randomUUID();
  const sessionKey = randomInt(2 ** 31);
  // Without its session the worker would be given up as lost.
  stack.use(
    await openWorkerSession({
      databaseUrl: embedded.databaseUrl,
      applicationName: 'bench-session',
      sessionKey,
      onJobs: () => {},
      onCancel: () => {},
    }),
  );
  await registerWorker(pool, {
    id: workerId,
    host: 'bench',
    pid: process.pid,
    version: '1',
    services: [SERVICE_ID],
    concurrency: 1_000,
    sessionKey,
  });
  return claimJobs(pool, { workerId, limit: count, leaseMs: LEASE_MS });
}

async function sign(userId: string): Promise<string> {
  const { privateKey, kid } = await loadSigningKey(dataDir);
  return new SignJWT({ role: 'authenticated', app_metadata: { role: 'admin' }, session_id: userId })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject(userId)
    .setIssuer('gantry-embedded')
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}

async function collect(clients: ChildProcess[]): Promise<number[]> {
  const answers = await Promise.all(
    clients.map(async (client) => {
      client.send('report');
      const [latencies]: unknown[] = await once(client, 'message');
      return z.array(z.number()).parse(latencies);
    }),
  );
  return answers.flat();
}

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${api.child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
