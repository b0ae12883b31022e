import { text } from 'node:stream/consumers';

import { type AutomationContext, AutomationError } from '@gantry/automations';
import { cancelJob } from '@gantry/core';
import { expect, test } from 'vitest';

import { startWorker } from '../../src/start-worker.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { openSite } from '../site.ts';
import { automationOf } from '../test-automations.ts';

const CANARY = 'canary-7f3a91c2';

/** Runs a job whose only attempt fails on a site, and reads what was kept of it, by name. */
async function failOn(
  answer: Parameters<typeof openSite>[0],
  run: (context: AutomationContext, origin: string) => Promise<unknown>,
) {
  await using site = await openSite(answer);
  await using queue = await createQueue();
  const automation = automationOf(
    async (context) => {
      await run(context, site.origin);
      throw new AutomationError('SITE_BROKEN', 'The site is broken.');
    },
    { egress: site.egress, maxAttempts: 1 },
  );
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service', { input: { portalPassword: `${CANARY}-input` } });
  await queue.untilStatus(jobId, 'failed');
  return await readFiles(queue, jobId);
}

async function readFiles(queue: Queue, jobId: string): Promise<Record<string, string>> {
  const { artifacts } = await queue.results(jobId);
  const files = artifacts.map(async ({ name, storageKey }) => [
    name,
    await text(await queue.storage.get(storageKey)),
  ]);
  return Object.fromEntries(await Promise.all(files));
}

test('a failed attempt keeps pictures, pages, consoles and requests, popups included', async () => {
  const files = await failOn(
    ({ url }, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        `<h1>${url}</h1><script>console.log("at", "${url}")</script><a href="/popup" target="_blank">x</a>`,
      );
    },
    async ({ page }, origin) => {
      await page.goto(`${origin}/page`);
      const popup = new Promise((resolve) => page.once('popup', resolve));
      await page.click('a');
      await popup;
      await page.browser().waitForTarget((target) => target.url().endsWith('/popup'));
    },
  );
  expect(Object.keys(files).toSorted()).toEqual([
    'console.log',
    'failure-page-2.html',
    'failure-page-2.png',
    'failure.html',
    'failure.png',
    'network.har',
  ]);
  expect(files['failure.html']).toContain('<h1>/page</h1>');
  expect(files['failure-page-2.html']).toContain('<h1>/popup</h1>');
  expect(files['failure.png']).toContain('PNG');
  expect(files['console.log']).toMatch(/page 1 log: at \/page[^]*page 2 log: at \/popup/);
  const { log } = JSON.parse(files['network.har'] ?? '');
  expect(
    log.entries.map(({ request }: { request: { url: string } }) => new URL(request.url).pathname),
  ).toEqual(expect.arrayContaining(['/page', '/popup']));
});

test('no file holds a secret of the job or of the site', async () => {
  const files = await failOn(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': `sid=${CANARY}-cookie` });
      response.end(
        `<input type="password" value="${CANARY}-field"><p>${CANARY}-input ${CANARY}-typed</p>
         <script>console.log("${CANARY}-input", "${CANARY}-typed")</script>`,
      );
    },
    async ({ page }, origin) => {
      await page.goto(`${origin}/?token=${CANARY}-query`);
      const body = `password=${CANARY}-typed`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await page.evaluate((init) => fetch('/', init).then((answer) => answer.text()), {
        method: 'POST',
        body,
        headers,
      });
    },
  );
  expect(files['failure.html']).toContain('<p>REDACTED REDACTED</p>');
  expect(files['console.log']).toContain('log: REDACTED REDACTED');
  for (const [name, content] of Object.entries(files)) expect(content, name).not.toContain(CANARY);
});

test('while storage answers nothing, a cancelled job gives its place to the next one', async () => {
  await using queue = await createQueue();
  let isCancelled = false;
  const automation = automationOf(async () => {
    if (!isCancelled) throw new AutomationError('SITE_BROKEN', 'The site is broken.');
  });
  const isAsked = Promise.withResolvers<void>();
  const put = () => {
    isAsked.resolve();
    return new Promise<never>(() => {});
  };
  await using stack = new AsyncDisposableStack();
  const deps = queue.deps([automation], { concurrency: 1 });
  const worker = await startWorker({ ...deps, storage: { ...queue.storage, put } });
  stack.defer(() => worker.stop('release'));
  const jobId = await queue.submit('a-service');
  const next = await queue.submit('a-service');
  await isAsked.promise;
  isCancelled = true;
  await cancelJob(queue.pool, { jobId, reason: 'cancelled_by_owner' });
  await queue.untilStatus(next, 'completed');
});

test.for([
  ['loops for ever', 'setTimeout(() => { for (;;); })'],
  ['asks again and again', 'setTimeout(() => { for (;;) alert("again") })'],
] as const)('of a page that %s, what it said and asked for is kept', async ([, code]) => {
  const files = await failOn(
    (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<script>console.log("last words")</script>'),
    async ({ page }, origin) => {
      await page.goto(origin);
      await page.evaluate(code);
    },
  );
  expect(files['console.log']).toContain('last words');
  expect(JSON.parse(files['network.har'] ?? '').log.entries).toHaveLength(1);
});

test.for(['SIGKILL', 'SIGSTOP'] as const)(
  'of a browser that got %s, what it said and asked for is kept',
  async (signal) => {
    const files = await failOn(
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<script>console.log("last words")</script>'),
      async ({ page }, origin) => {
        await page.goto(origin);
        page.browser().process()?.kill(signal);
        if (signal === 'SIGKILL') await new Promise(() => {});
      },
    );
    expect(Object.keys(files).toSorted()).toEqual(['console.log', 'network.har']);
    expect(files['console.log']).toContain('last words');
  },
);
