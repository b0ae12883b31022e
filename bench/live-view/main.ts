// What it costs to be looked at: `pnpm --filter @gantry/bench live-view`. One API, one worker, one page of 800 by 600 that
// moves at every frame, or none; looked at by nobody, by somebody, on the grid. `--quick` to see that it runs.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createGantryClient } from '@gantry/client';
import { openEmbedded } from '@gantry/embedded';

const ROOT = resolve(import.meta.dirname, '../..');
const PORT = 3_977;
const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const SECONDS = flags.quick ? 2 : 20;

const dataDir = await mkdtemp(join(tmpdir(), 'gantry-live-'));
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(dataDir, { recursive: true, force: true }));
stack.use(
  await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir: join(ROOT, 'supabase/migrations') }),
);
const start = async (script: string) => {
  const env = { ...process.env, GANTRY_DATA_DIR: dataDir, PORT: String(PORT), LOG_LEVEL: 'warn' };
  const child = fork(join(ROOT, script), { env, execArgv: [] });
  stack.defer(() => stop(child));
  await once(child, 'message');
  return child.pid ?? 0;
};
const api = await start('apps/api/src/main.ts');
const worker = await start('bench/live-view/worker.ts');

const url = `http://127.0.0.1:${PORT}`;
const token = await signIn('demo@gantry.local', 'gantry-demo');
const gantry = createGantryClient({ url, getToken: () => token });

const head = ['', 'Chrome', 'worker', 'API', 'together', 'pictures/s', 'page draws/s'];
print(head);
for (const isMoving of [true, false]) {
  const { jobId } = await gantry.jobs.submit({ serviceId: 'a-page', input: { isMoving } });
  await untilDrawn(jobId);
  const page = isMoving ? 'moving' : 'at rest';
  for (const size of [null, 'full', 'small', null] as const)
    await measure(`${page}, ${size === null ? 'nobody looks' : `looked at, ${size}`}`, jobId, size);
  await gantry.jobs.cancel(jobId);
}

async function measure(name: string, jobId: string, size: 'full' | 'small' | null): Promise<void> {
  const abort = new AbortController();
  let pictures = 0;
  const looking = (async () => {
    if (size === null) return;
    for await (const _frame of gantry.jobs.live(jobId, { signal: abort.signal, size })) pictures += 1;
  })();
  // Until the screencast has begun, or the last one has ended.
  await pause(5_000);
  pictures = 0;
  const before = { cpu: readCpu(), drawn: await readDrawn(jobId), at: performance.now() };
  await pause(SECONDS * 1000);
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = readCpu();
  const drawn = await readDrawn(jobId);
  const seen = pictures / seconds;
  abort.abort();
  await looking;
  const shares = (['chrome', 'worker', 'api'] as const).map((who) => (cpu[who] - before.cpu[who]) / seconds);
  const draws = ((drawn.drawn - before.drawn.drawn) * 1000) / (drawn.at - before.drawn.at);
  const together = shares.reduce((sum, share) => sum + share, 0);
  print([
    name,
    ...[...shares, together].map((share) => `${share.toFixed(1)} %`),
    seen.toFixed(1),
    draws.toFixed(1),
  ]);
}

async function untilDrawn(jobId: string): Promise<void> {
  for await (const event of gantry.jobs.watch(jobId)) if (event.type === 'log') return;
}

/** How often the page has been drawn, as it last said. */
async function readDrawn(jobId: string): Promise<{ drawn: number; at: number }> {
  const { eventSeq } = await gantry.jobs.status(jobId);
  const events = await gantry.jobs.events(jobId, { afterSeq: Math.max(0, eventSeq - 5) });
  const last = events.findLast((event) => event.type === 'log');
  if (last?.type !== 'log') throw new Error('The page has said nothing.');
  return { drawn: Number(last.data.data?.['drawn']), at: Number(last.data.data?.['at']) };
}

/** Processor time of each part, in hundredths of a second, as Linux counts it. */
function readCpu(): { chrome: number; worker: number; api: number } {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
  const children = (pid: number): typeof processes =>
    processes.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...children(child.pid)]);
  const of = (pid: number) => processes.find((one) => one.pid === pid)?.ticks ?? 0;
  const chrome = children(worker).reduce((sum, { ticks }) => sum + ticks, 0);
  return { chrome, worker: of(worker), api: of(api) };
}

function readStat(pid: number): { pid: number; parent: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

async function signIn(email: string, password: string): Promise<string> {
  const response = await fetch(`${url}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const { access_token: accessToken }: { access_token: string } = JSON.parse(await response.text());
  return accessToken;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.disconnect();
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function print(cells: string[]): void {
  process.stdout.write(`${cells.map((cell, index) => cell.padEnd(index === 0 ? 28 : 13)).join('')}\n`);
}
