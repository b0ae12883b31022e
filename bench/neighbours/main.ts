// What a user's submission of two rows takes while another user sends the worst files: `pnpm --filter @gantry/bench
// neighbours`. The product's API with its own limits. `--quick` to see that it runs. Writes bench/results/neighbours.md.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createServicePool, publishService } from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';
import { z } from 'zod';
import { describeMachine, describePostgres } from '../report/machine.ts';
import { toMarkdown } from '../report/markdown.ts';
import { percentiles } from '../report/statistics.ts';
import { writeResults } from '../report/write-results.ts';
import { startApi, stopChild } from '../start-api.ts';
import { submit } from './submit.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const SUBMISSIONS = flags.quick ? 10 : 300;
const LIST = new TextEncoder().encode('Container\nCSQU3054383\nCRSU1274363\n');

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
await publishService(pool, {
  id: 'tracking',
  name: 'Tracking',
  description: 'For the measure',
  category: 'Bench',
  queue: 'default',
  version: '1',
  inputSchema: { type: 'object' },
  acceptedFiles: {
    required: true,
    formats: ['csv', 'xlsx'],
    maxBytes: 20_000_000,
    maxRows: 5_000,
    keyColumn: 'container',
    columns: [{ key: 'container', label: 'Container', aliases: [], format: 'iso6346', required: true }],
  },
  answerColumns: [],
  timeoutMs: 60_000,
  maxAttempts: 1,
});
const api = await startApi(dataDir);
stack.defer(() => api.stop());
const [clerk, attacker] = [await signUp('clerk'), await signUp('attacker')];

await measure(20);
const alone = percentiles(await measure(SUBMISSIONS));
const attack = fork(join(import.meta.dirname, 'attacker.ts'), [api.url, attacker], { stdio: 'inherit' });
stack.defer(() => stopChild(attack));
let answers: Record<string, number> = {};
attack.on('message', (message) => {
  answers = z.record(z.string(), z.number()).parse(message);
});
await once(attack, 'message');
const attacked = percentiles(await measure(SUBMISSIONS));

const version =
  (await pool.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? '';
const ms = (value: number) => `${value.toFixed(0)} ms`;
const row = (name: string, { p50, p95, p99 }: typeof alone) => [name, ms(p50), ms(p95), ms(p99)];
const report = [
  '# A submission of two rows beside a user who sends the worst files\n',
  `${describeMachine(describePostgres(version))}; the clients too. ${SUBMISSIONS} submissions each. Goal: p99 at most 500 ms.\n`,
  toMarkdown('Figures', ['', 'p50', 'p95', 'p99'], [row('alone', alone), row('beside them', attacked)]),
  `p99 beside them is ${(attacked.p99 / alone.p99).toFixed(1)} times p99 alone.\n`,
  toMarkdown(
    'What the other user was answered',
    ['file: answer', 'times'],
    Object.entries(answers).map(([what, n]) => [what, String(n)]),
  ),
].join('\n');
process.stdout.write(report);
if (!flags.quick) await writeResults('neighbours', report);

async function measure(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const { status, code, ms: took } = await submit({ url: api.url, token: clerk }, LIST);
    if (status !== 201) throw new Error(`Not accepted: ${status} ${code}`);
    times.push(took);
    // Within the limit of requests.
    await pause(60);
  }
  return times;
}

async function signUp(name: string): Promise<string> {
  const response = await fetch(`${api.url}/auth/v1/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${name}@example.com`, password: 'a password of the bench' }),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}
