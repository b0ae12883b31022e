import { expect, test } from 'vitest';

import type { Config } from '../../src/config.ts';
import { createQueue } from '../fixture.ts';
import { quickConfig } from '../process-settings.ts';
import { openSite } from '../site.ts';
import { automationOf } from '../test-automations.ts';

const usual = quickConfig().browser;

test.for([
  ['never stops to compute', '<script>for (;;);</script>', 'JOB_TIMEOUT', {}],
  ['asks without end', '<script>for (;;) alert("?");</script>', 'JOB_TIMEOUT', {}],
  [
    'asks before it is left',
    '<script>onbeforeunload = () => "?"; location = "/"</script>',
    'JOB_TIMEOUT',
    {},
  ],
  ['opens window after window', '<script>setInterval(() => open("/"), 1)</script>', 'JOB_TIMEOUT', {}],
  ['leads to itself for ever', '<script>location = "/?" + Math.random()</script>', 'JOB_TIMEOUT', {}],
  ['prints itself', '<script>for (;;) print();</script>', 'JOB_TIMEOUT', {}],
  [
    'eats memory',
    '<script>const a = []; setInterval(() => a.push(new Uint8Array(2e7).fill(1)), 10)</script>',
    'BROWSER_OUT_OF_MEMORY',
    { maxMemoryBytes: 600_000_000 },
  ],
  [
    'fills the disk',
    `<script type="module">
      const directory = await navigator.storage.getDirectory();
      const file = await directory.getFileHandle('file', { create: true });
      const writer = await file.createWritable();
      for (;;) await writer.write(new Uint8Array(5e6));
    </script>`,
    'BROWSER_OUT_OF_DISK',
    { maxDiskBytes: 100_000_000 },
  ],
  [
    // As JSON six times as long: over the limit of 128 MB.
    'says more at once than a message may have',
    '<script>console.log("\\u0001".repeat(3e7))</script>',
    'BROWSER_MESSAGE_TOO_LARGE',
    {},
  ],
  [
    // Each object is let go of by a command, which a page that is busy does not answer.
    'never stops to say things',
    '<script>const many = Array(1_000).fill({}); for (;;) console.log(...many)</script>',
    'BROWSER_UNRESPONSIVE',
    {},
  ],
  ['does nothing', '<p>text</p>', 'BROWSER_IDLE', { idleTimeoutMs: 1_000 }],
  [
    'loads without end',
    '<script>setInterval(() => fetch("/"), 1)</script>',
    'BUDGET_EXCEEDED',
    { maxRequests: 50 },
  ],
] satisfies [string, string, string, Partial<Config['browser']>][])(
  'a page that %s ends on time, with its reason, and nothing of it is left',
  async ([, html, code, limits]) => {
    await using queue = await createQueue();
    await using site = await openSite((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(html),
    );
    const automation = automationOf(
      async ({ page }) => {
        await page.goto(site.origin).catch(() => {});
        await new Promise(() => {});
      },
      {
        egress: site.egress,
        timeoutMs: code === 'JOB_TIMEOUT' ? 3_000 : 240_000,
        maxAttempts: 1,
      },
    );
    await using _worker = await queue.startWorker([automation], {
      browser: { ...usual, ...limits },
      // A page that floods the worker may take its turns for longer than the lease of other tests.
      leaseMs: 60_000,
    });
    const jobId = await queue.submit('a-service');

    const job = await queue.untilStatus(jobId, 'failed');

    expect(job.error?.code).toBe(code);
    await expect.poll(() => queue.browserProcesses()).toEqual([]);
    await expect.poll(() => queue.browsersLeft()).toEqual([]);
  },
);

test('a browser that is frozen in the middle of a job is ended with the job', async () => {
  await using queue = await createQueue();
  const automation = automationOf(
    async ({ page }) => {
      process.kill(page.browser().process()?.pid ?? 0, 'SIGSTOP');
      await page.setContent('<p>text</p>');
    },
    { timeoutMs: 2_000, maxAttempts: 1 },
  );
  await using _worker = await queue.startWorker([automation]);

  const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

  expect(job.error?.code).toBe('JOB_TIMEOUT');
  await expect.poll(() => queue.browserProcesses()).toEqual([]);
});
