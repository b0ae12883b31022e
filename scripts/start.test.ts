import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { openEmbedded } from '@gantry/embedded';
import { fillDataDir } from '@gantry/embedded/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

let dataDir: string;
let port: number;
const started: ChildProcess[] = [];

async function prepare() {
  dataDir = await mkdtemp(join(tmpdir(), 'gantry-start-'));
  await fillDataDir(dataDir);
  port = await findFreePort();
}
async function cleanUp() {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await vi.waitFor(async () => expect(await processesOfOurs()).toEqual([]), { interval: 50 });
  await rm(dataDir, { recursive: true, force: true });
}

/** Starts Gantry on its data directory; `ready` is the first line that it prints. */
function start(
  env: Record<string, string> = {},
  commandOf = (script: string): string[] => [process.execPath, script],
) {
  const [program = '', ...args] = commandOf(join(ROOT, 'scripts/start.ts'));
  const child = spawn(program, args, {
    env: {
      ...process.env,
      GANTRY_DATA_DIR: dataDir,
      PORT: String(port),
      BROWSER_ROOT_DIR: join(dataDir, 'b'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  return {
    child,
    ready: once(child.stdout, 'data').then(([chunk]) => String(chunk).split('\n')[0]),
    exited: once(child, 'exit').then(([code]) => ({ code: Number(code), errors })),
  };
}

/** Processes that have our data directory in their environment or on their command line. */
async function processesOfOurs(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const mine = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const state = (await read('stat')).split(') ')[1]?.[0];
      return state !== 'Z' && `${await read('cmdline')}${await read('environ')}`.includes(dataDir);
    }),
  );
  return pids.filter((_, index) => mine[index]).map(Number);
}

const signIn = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'demo@gantry.local', password: 'gantry-demo' }),
  });
  const session: { access_token: string; user: { id: string } } = JSON.parse(await response.text());
  return { headers: { authorization: `Bearer ${session.access_token}` }, userId: session.user.id };
};

describe('one that runs', () => {
  let gantry: ReturnType<typeof start>;
  beforeAll(async () => {
    await prepare();
    gantry = start();
    await gantry.ready;
  });
  afterAll(cleanUp);

  test('the commands of the README work as they are printed', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const [, block = ''] = /^```sh\n(TOKEN=.*?)^```/ms.exec(readme) ?? [];
    const script = block
      .replaceAll('http://127.0.0.1:3001', `http://127.0.0.1:${port}`)
      // What a person reads off the answer.
      .replace('curl -F', 'ANSWER=$(curl -s -F')
      .replace('/api/queue/submit\n', '/api/queue/submit)\n')
      .replace(/JOB_ID=….*/, `JOB_ID=$(echo "$ANSWER" | sed 's/.*"jobId":"\\([^"]*\\)".*/\\1/')`)
      .replace('curl -H', 'curl -s -H');
    const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: ROOT });
    expect(JSON.parse(stdout)).toMatchObject({ jobId: expect.any(String), rows: expect.any(Array) });
  });

  test('two run side by side, each with its own data', async () => {
    const otherPort = await findFreePort();
    const otherDir = join(dataDir, 'other');
    await fillDataDir(otherDir);
    const other = start({ GANTRY_DATA_DIR: otherDir, PORT: String(otherPort) });
    expect(await other.ready).toBe(`Gantry is ready at http://127.0.0.1:${otherPort}`);
    other.child.kill('SIGTERM');
    expect(await other.exited).toMatchObject({ code: 0 });
  });

  test('what is in use is named in one line, and what runs goes on', async () => {
    expect(await start().exited).toEqual({
      code: 1,
      errors: `gantry: PORT: ${port} is in use on 127.0.0.1. Stop what uses it, or set PORT to another.\n`,
    });
    expect(await start({ PORT: '0' }).exited).toEqual({
      code: 1,
      errors: `gantry: GANTRY_DATA_DIR: another Gantry runs with ${dataDir}. Stop it, or set GANTRY_DATA_DIR to another directory.\n`,
    });
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  test('a worker or API that dies is started again', async () => {
    const [api, worker] = [await findPid('apps/api/src/main.ts'), await findPid('apps/worker/src/main.ts')];
    process.kill(api, 'SIGKILL');
    process.kill(worker, 'SIGKILL');

    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
      interval: 100,
    });
    await vi.waitFor(async () => expect(await findPid('apps/worker/src/main.ts')).not.toBe(worker));
    gantry.child.kill('SIGTERM');
    expect(await gantry.exited).toMatchObject({
      code: 0,
      errors: expect.stringContaining('gantry: the worker ended (SIGKILL) and is started again'),
    });
  });
});

describe('each on a directory of its own', () => {
  beforeEach(prepare);
  afterEach(cleanUp);

  test('says first that it is ready, works, and ends at a signal with nothing left', async () => {
    const gantry = start({ GANTRY_DATA_DIR: join(dataDir, 'new') });
    expect(await gantry.ready).toBe(`Gantry is ready at http://127.0.0.1:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    gantry.child.kill('SIGINT');
    expect(await gantry.exited).toMatchObject({ code: 0 });
    expect(await processesOfOurs()).toEqual([]);
  });

  test('SIGKILL leaves no process; started again it goes on with the data', async () => {
    const first = start({ CTG_PORT_PAUSE_MS: '2000' });
    await first.ready;
    const { headers } = await signIn();
    const body = new FormData();
    body.append('serviceId', 'ctg-port-tracking');
    body.append('file', new Blob(['Container\nCSQU3054383\nCRSU1274363\n']), 'fcr_numbers.csv');
    const submitted = await fetch(`http://127.0.0.1:${port}/api/queue/submit`, {
      method: 'POST',
      headers,
      body,
    });
    const { jobId }: { jobId: string } = JSON.parse(await submitted.text());
    const read = async () =>
      JSON.parse(
        await (await fetch(`http://127.0.0.1:${port}/api/queue/status/${jobId}`, { headers })).text(),
      );
    // One row is done, a browser is open.
    await vi.waitFor(async () => expect((await read()).progress?.done).toBeGreaterThanOrEqual(1), {
      interval: 50,
    });

    first.child.kill('SIGKILL');
    await first.exited;
    await vi.waitFor(async () => expect(await processesOfOurs()).toEqual([]), { interval: 50 });

    await start().ready;
    await vi.waitFor(async () => expect((await read()).status).toBe('completed'), {
      timeout: 90_000,
      interval: 100,
    });
    const results = JSON.parse(
      await (await fetch(`http://127.0.0.1:${port}/api/queue/results/${jobId}`, { headers })).text(),
    );
    expect(results.rows.map((row: { index: number }) => row.index)).toEqual([0, 1]);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(true);
  });

  test('SIGKILL of the package manager that started it ends it too', async () => {
    // What stands between `npx pnpm start` and us: package managers, and the shells that they use.
    const launcher = start({}, (script) => ['/bin/sh', '-c', `"${process.execPath}" "${script}" & wait`]);
    await launcher.ready;
    launcher.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await processesOfOurs()).toEqual([]), { interval: 50 });
  });

  test('a second worker asks the same demo port', { timeout: 180_000 }, async () => {
    // The first one takes no jobs of the queue.
    await start({ WORKER_QUEUES: 'elsewhere' }).ready;
    const second = spawn(process.execPath, [join(ROOT, 'apps/worker/src/main.ts')], {
      env: { ...process.env, GANTRY_DATA_DIR: dataDir, BROWSER_ROOT_DIR: join(dataDir, 'b') },
      stdio: 'ignore',
    });
    started.push(second);
    const { headers } = await signIn();
    const body = new FormData();
    body.append('serviceId', 'ctg-port-tracking');
    body.append('file', new Blob(['Container\nCSQU3054383\n']), 'fcr_numbers.csv');
    const submit = { method: 'POST', headers, body };
    const submitted = await fetch(`http://127.0.0.1:${port}/api/queue/submit`, submit);
    const { jobId }: { jobId: string } = JSON.parse(await submitted.text());
    const read = async (what: string) =>
      JSON.parse(
        await (await fetch(`http://127.0.0.1:${port}/api/queue/${what}/${jobId}`, { headers })).text(),
      );
    await vi.waitFor(async () => expect((await read('status')).status).toBe('completed'), {
      timeout: 150_000,
      interval: 100,
    });
    expect((await read('results')).rows).toMatchObject([{ index: 0, status: 'completed' }]);
  });

  test('a wrong setting is named in one line', async () => {
    const { code, errors } = await start({ LEASE_MS: 'soon' }).exited;
    expect(code).toBe(1);
    expect(errors).toMatch(/^gantry: LEASE_MS: .*\n$/);
  });

  test('the data directory of an unreleased version is refused in one line, and left as it is', async () => {
    const migrationsDir = join(dataDir, 'old/supabase/migrations');
    await mkdir(migrationsDir, { recursive: true });
    const write = (file: string, sql: string) => writeFile(join(migrationsDir, file), sql);
    await write('20251001000000_add_automation_job_queue.sql', 'create schema gantry;');
    await write('20251124000000_set_based_queue.sql', 'create table gantry.precious (job text);');
    const oldDir = join(dataDir, 'of-old-version');
    const open = () => openEmbedded({ dataDir: oldDir, host: '127.0.0.1', migrationsDir });
    await (await open())[Symbol.asyncDispose]();

    expect(await start({ GANTRY_DATA_DIR: oldDir, PORT: '0' }).exited).toEqual({
      code: 1,
      errors:
        'gantry: Another version of Gantry made this database: its migration 20251001000000_add_automation_job_queue differs from this one. ' +
        'Its data cannot be converted, and nothing was changed. To start anew, set GANTRY_DATA_DIR to a new directory or ' +
        'move the old one (.gantry by default) away; to keep the data, start the version that made it.\n',
    });
    // The old version still opens it.
    await (await open())[Symbol.asyncDispose]();
  });
});

async function findPid(script: string): Promise<number> {
  for (const pid of await processesOfOurs())
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(script)) return pid;
  throw new Error(`Nobody runs ${script}.`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
