import { createAutomations } from '@gantry/automations';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { quickConfig } from '../process-settings.ts';
import { openSite } from '../site.ts';
import { automationOf } from '../test-automations.ts';

const PAGES: Record<string, string> = {
  '/eats': '<script>const a = []; setInterval(() => a.push(new Uint8Array(2e7).fill(1)), 10)</script>',
  // As JSON six times as long: over the limit of 128 MB for a message.
  '/shouts': '<script>console.log("\\u0001".repeat(3e7))</script>',
  '/page': `<title>A page</title><p>${'This page has something to say. '.repeat(10)}</p>`,
};

test('a page that ends its browser is one failed row, and the next page is captured in a new browser', async () => {
  await using queue = await createQueue();
  await using site = await openSite(({ url = '' }, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGES[url.split('?')[0] ?? '']),
  );
  const automations = createAutomations({
    ctgPort: { baseUrl: 'https://port.example/', pauseMs: 0, pageTimeoutMs: 1_000 },
    pageCapture: { allowPrivateOrigins: [site.origin] },
  });
  const browser = { ...quickConfig().browser, maxMemoryBytes: 600_000_000 };
  await using _worker = await queue.startWorker(automations, { browser });
  const urls = ['/eats', '/page', '/shouts', '/page?last'].map((path) => `${site.origin}${path}`);
  const jobId = await queue.submit('page-capture', { input: { urls, formats: ['png'] } });

  const job = await queue.untilStatus(jobId, 'completed');

  expect(job).toMatchObject({ attempt: 1, failedRows: 2 });
  const { rows, summary } = await queue.results(jobId);
  expect(summary).toMatchObject({ total: 4, completed: 2, failed: 2 });
  expect(rows.map(({ status, error }) => error?.code ?? status)).toEqual([
    'BROWSER_OUT_OF_MEMORY',
    'completed',
    // Whichever limit it meets first.
    expect.stringMatching(/^BROWSER_(MESSAGE_TOO_LARGE|OUT_OF_MEMORY)$/),
    'completed',
  ]);
  expect(rows[0]?.error?.message).toBe('The page uses more memory than a job may have.');
  expect(site.hits()).toBeLessThan(12);
  await expect.poll(() => queue.browserProcesses()).toEqual([]);
  await expect.poll(() => queue.browsersLeft()).toEqual([]);
});

test('a file that was kept before the browser failed is not kept again by the next one', async () => {
  await using queue = await createQueue();
  const automation = automationOf(
    async (context) => {
      await context.artifact({ name: 'results.csv', contentType: 'text/csv', body: Buffer.from('a') });
      if (context.browserFailure) return;
      const { page } = context;
      process.kill(page.browser().process()?.pid ?? 0, 'SIGKILL');
      await page.evaluate(() => new Promise(() => {}));
    },
    { outlivesBrowser: true, maxAttempts: 1 },
  );
  await using _worker = await queue.startWorker([automation]);

  const job = await queue.untilStatus(await queue.submit('a-service'), 'completed');

  expect(job.attempt).toBe(1);
});
