import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { type AutomationContext, AutomationError } from '@gantry/automations';
import { cancelJob, listAttempts } from '@gantry/core';
import { pino } from 'pino';
import { expect, test } from 'vitest';

import { launchWithPort } from '../../../../packages/chrome/tests/elsewhere.ts';
import type { Config } from '../../src/config.ts';
import { startWorker } from '../../src/start-worker.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { quickConfig } from '../process-settings.ts';
import { openSite } from '../site.ts';
import { automationOf, hangInPage } from '../test-automations.ts';

/** A queue whose worker, if it is started, uses a browser that others keep; and all that its log says. */
async function createRemoteQueue() {
  await using stack = new AsyncDisposableStack();
  const elsewhere = stack.use(await launchWithPort());
  const queue = stack.use(await createQueue());
  const logged: string[] = [];
  const resources = stack.move();
  return {
    ...queue,
    elsewhere,
    logged,
    async startRemoteWorker(
      automations: Parameters<Queue['deps']>[0],
      {
        endpoint = elsewhere.endpoint,
        ...o
      }: Partial<Config['browser']> & Pick<Partial<Config>, 'trace'> = {},
    ) {
      const { trace, ...settings } = o;
      const browser = { ...quickConfig().browser, ...settings, endpoint };
      const log = pino(
        { level: 'debug' },
        new Writable({
          write(line, _, done) {
            logged.push(String(line));
            done();
          },
        }),
      );
      const worker = await startWorker({ ...queue.deps(automations, { browser, trace }), binary: null, log });
      return { ...worker, [Symbol.asyncDispose]: () => worker.stop('release') };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Runs one attempt of a job in a browser that others keep. */
async function runOnce(
  queue: Awaited<ReturnType<typeof createRemoteQueue>>,
  run: (context: AutomationContext) => Promise<void>,
  o: Parameters<typeof automationOf>[1] & { trace?: 'always' } = {},
) {
  await using _worker = await queue.startRemoteWorker([automationOf(run, { maxAttempts: 1, ...o })]);
  const jobId = await queue.submit('a-service');
  await expect.poll(async () => (await queue.job(jobId)).status).toMatch(/completed|failed/);
  return jobId;
}

test('jobs run in a browser that others keep, whichever they ask for, and what it cost is unknown', async () => {
  await using queue = await createRemoteQueue();
  const jobId = await runOnce(
    queue,
    async (context) => {
      const { page } = context;
      await page.setContent('<h1>Hello</h1>');
      const data = { title: await page.$eval('h1', (h1) => h1.textContent) };
      await context.emitRow({ index: 0, key: 'k', status: 'completed', data, error: null });
    },
    { browser: 'chrome' },
  );

  expect((await queue.results(jobId)).rows).toMatchObject([{ data: { title: 'Hello' } }]);
  const unknown = {
    peakMemoryBytes: null,
    cpuMs: null,
    requests: null,
    bytesReceived: null,
    bytesSent: null,
  };
  await expect
    .poll(() => listAttempts(queue.pool, jobId))
    .toMatchObject([{ browser: { isWarm: false, closeMs: expect.any(Number), ...unknown } }]);
  expect(await queue.browsersLeft()).toEqual([]);
  expect(await queue.elsewhere.contexts()).toBe(0);
});

test('evidence and trace of a failed attempt show its own pages, and none of others', async () => {
  await using site = await openSite(({ url, headers }, response) => {
    // In a process of its own, like every frame of another site.
    const frame = `<iframe src="http://localhost:${headers.host?.split(':')[1]}/frame"></iframe>`;
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<h1>Mine</h1><script>console.log("my line")</script>${url === '/' ? frame : ''}`);
  });
  const frames = site.origin.replace('127.0.0.1', 'localhost');
  await using queue = await createRemoteQueue();
  const theirs = await queue.elsewhere.browser.newPage();
  await theirs.setContent('<h1>Theirs</h1>');
  const jobId = await runOnce(
    queue,
    async ({ page }) => {
      await page.goto(site.origin);
      throw new AutomationError('SITE_BROKEN', 'The site is broken.');
    },
    { egress: { allowPublic: false, allowPrivateOrigins: [site.origin, frames] }, trace: 'always' },
  );
  const { artifacts } = await queue.results(jobId);
  const names = artifacts.map(({ name }) => name).sort();
  expect(names).toEqual(['console.log', 'failure.html', 'failure.png', 'network.har', 'trace-attempt-1.zip']);
  const read = async (wanted: string) => {
    const file = artifacts.find(({ name }) => name === wanted);
    return text(await queue.storage.get(file?.storageKey ?? ''));
  };
  expect(await read('failure.html')).toContain('Mine');
  expect(await read('console.log')).toContain('my line');
  expect(await read('network.har')).toContain(`${frames}/frame`);
});

test.for([
  ['download', (context: AutomationContext) => context.download(async () => {})],
  [
    'upload',
    async ({ page, uploadFile }: AutomationContext) => {
      await page.setContent('<input type="file">');
      const field = await page.$('input');
      if (field) await uploadFile(field, { name: 'a.txt', body: Buffer.from('a') });
    },
  ],
] as const)('files do not go through a browser elsewhere: %s', async ([, act]) => {
  await using queue = await createRemoteQueue();
  const downloads = { maxFiles: 1, maxBytes: 1_000 };
  const jobId = await runOnce(queue, async (context) => void (await act(context)), {
    downloads,
    maxAttempts: 3,
  });
  expect(await queue.job(jobId)).toMatchObject({
    status: 'failed',
    attempt: 1,
    error: { code: 'FILES_NOT_AVAILABLE' },
  });
});

test.for(['is cancelled', 'runs out of time'])(
  'a job in a browser that has frozen ends when it %s, and its place is free',
  async (how) => {
    await using queue = await createRemoteQueue();
    const timeoutMs = how === 'is cancelled' ? 60_000 : 5_000;
    const frozen = automationOf(hangInPage, { timeoutMs, maxAttempts: 1 });
    const quick = automationOf(async () => {}, { id: 'quick' });
    await using _worker = await queue.startRemoteWorker([frozen, quick]);
    const jobId = await queue.submit('a-service');
    await queue.untilStep(jobId, 'hanging');
    queue.elsewhere.signal('SIGSTOP');
    if (how === 'is cancelled') await cancelJob(queue.pool, { jobId, reason: 'cancelled_by_owner' });
    const job = await queue.untilStatus(jobId, how === 'is cancelled' ? 'cancelled' : 'failed');
    if (how !== 'is cancelled') expect(job.error?.code).toBe('JOB_TIMEOUT');
    await expect.poll(queue.browsersLeft).toEqual([]);

    queue.elsewhere.signal('SIGCONT');
    await queue.untilStatus(await queue.submit('quick'), 'completed');
    await expect.poll(queue.elsewhere.contexts).toBe(0);
  },
);

test('a pool that is away costs jobs their attempts, says so, and keeps its address to itself', async () => {
  await using queue = await createRemoteQueue();
  const secret = 'token-5b1c';
  const address = new URL(queue.elsewhere.endpoint);
  address.port = '9';
  address.search = `?token=${secret}`;
  const automation = automationOf(async () => {}, { maxAttempts: 2 });
  await using _worker = await queue.startRemoteWorker([automation], { endpoint: address.href });
  const jobId = await queue.submit('a-service');
  const job = await queue.untilStatus(jobId, 'failed');
  expect(job).toMatchObject({ attempt: 2, error: { code: 'BROWSER_LAUNCH_FAILED' } });
  expect(queue.logged.join('')).toContain('BROWSER_LAUNCH_FAILED');
  const told = [queue.logged, job, await queue.events(jobId), await listAttempts(queue.pool, jobId)];
  expect(JSON.stringify(told)).not.toContain(secret);
});

test('a browser that goes away takes no more than the attempt with it', async () => {
  await using queue = await createRemoteQueue();
  const automation = automationOf(hangInPage, { maxAttempts: 1 });
  await using _worker = await queue.startRemoteWorker([automation]);
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');
  queue.elsewhere.signal('SIGKILL');
  expect((await queue.untilStatus(jobId, 'failed')).error?.code).toBe('BROWSER_CRASHED');
});
