import type { Page } from 'puppeteer-core';
import { expect, test, vi } from 'vitest';

import { createQueue } from '../fixture.ts';
import { openSite } from '../site.ts';
import { automationOf } from '../test-automations.ts';

test.for([
  ['the address itself is refused', ({ secret }: Sites) => secret, 'BLOCKED_URL'],
  ['it leads to one that is', ({ site }: Sites) => `${site}/redirect`, 'BLOCKED_URL'],
  ['it is a file of the machine', () => 'file:///etc/passwd', 'BLOCKED_URL'],
  ['the site hangs up', ({ site }: Sites) => `${site}/broken`, 'PAGE_UNREACHABLE'],
] as const)('a page cannot be opened because %s: the job says so', async ([, urlOf, code]) => {
  await using queue = await createQueue();
  await using secret = await openSite((_, response) => response.end('secret'));
  await using site = await openSite((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: secret.origin }).end();
    else request.socket.destroy();
  });
  const automation = automationOf(
    // Whatever address a job comes with, and whichever tab it is opened in.
    async ({ page }) => {
      const tab = await page.browser().newPage();
      await tab.goto(urlOf({ site: site.origin, secret: secret.origin }));
    },
    { egress: { allowPublic: true, allowPrivateOrigins: [site.origin] }, maxAttempts: 2 },
  );
  await using _worker = await queue.startWorker([automation]);

  const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

  expect(job.error?.code).toBe(code);
  // To try again what the policy refuses is of no use.
  expect(job.attempt).toBe(code === 'BLOCKED_URL' ? 1 : 2);
  expect(secret.hits()).toBe(0);
});

test('a site that answers without a page is not blamed on one that was refused before', async () => {
  await using queue = await createQueue();
  await using secret = await openSite((_, response) => response.end('secret'));
  await using site = await openSite((_, response) => response.writeHead(204).end());
  const automation = automationOf(
    async ({ page }) => {
      const shown = new Promise((resolve) => page.once('framenavigated', resolve));
      await page.goto(secret.origin).catch(() => {});
      await shown;
      await page.goto(site.origin);
    },
    { egress: { allowPublic: true, allowPrivateOrigins: [site.origin] }, maxAttempts: 1 },
  );
  await using _worker = await queue.startWorker([automation]);

  const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

  expect(job.error?.code).toBe('PAGE_UNREACHABLE');
  expect(secret.hits()).toBe(0);
});

test.for(['', 'noopener'])(
  'a page that cannot be opened is not blamed on a popup that was refused after it (%s)',
  async (features) => {
    await using queue = await createQueue();
    await using secret = await openSite((_, response) => response.end('secret'));
    await using site = await openSite((request, response) => {
      if (request.url === '/broken') request.socket.destroy();
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<script>window.open('${secret.origin}', '_blank', '${features}')</script>`);
    });
    const automation = automationOf(
      async ({ page }) => {
        const other = await page.browser().newPage();
        const failure: unknown = await page.goto(`${site.origin}/broken`).catch((error: unknown) => error);
        const opened = new Promise<Page | null>((resolve) =>
          page.browser().once('targetcreated', (target) => resolve(target.page())),
        );
        await other.goto(site.origin);
        const popup = await opened;
        await vi.waitFor(() => expect(popup?.url()).toMatch('chrome-error:'));
        throw failure;
      },
      { egress: { allowPublic: true, allowPrivateOrigins: [site.origin] }, maxAttempts: 1 },
    );
    await using _worker = await queue.startWorker([automation]);

    const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

    expect(job.error?.code).toBe('PAGE_UNREACHABLE');
    expect(secret.hits()).toBe(0);
  },
);

type Sites = { site: string; secret: string };
