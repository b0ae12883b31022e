import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findBrowser } from '@gantry/chrome';
import { listAttempts } from '@gantry/core';
import { launch } from 'puppeteer-core';
import { expect, test, vi } from 'vitest';

import { startWorker } from '../src/start-worker.ts';
import { createQueue } from './fixture.ts';
import { CACHE_DIR, quickConfig } from './process-settings.ts';
import { automationOf } from './test-automations.ts';

// Browsers start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

test('jobs run in a browser that others keep', async () => {
  await using queue = await createQueue();
  await using stack = new AsyncDisposableStack();
  const profile = await mkdtemp(join(tmpdir(), 'gr-'));
  stack.defer(() => rm(profile, { recursive: true, maxRetries: 10 }));
  const { executablePath, env } = await findBrowser({ cacheDir: CACHE_DIR });
  const elsewhere = await launch({
    executablePath,
    env: { ...env, HOME: profile },
    headless: 'shell',
    userDataDir: profile,
    args: ['--remote-debugging-port=0', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  stack.defer(() => elsewhere.close());
  const automation = automationOf(async (context) => {
    const { page } = context;
    await page.setContent('<h1>Hello</h1>');
    const data = { title: await page.$eval('h1', (h1) => h1.textContent) };
    await context.emitRow({ index: 0, key: 'k', status: 'completed', data, error: null });
  });
  const browser = { ...quickConfig().browser, endpoint: elsewhere.wsEndpoint() };
  const worker = await startWorker({ ...queue.deps([automation], { browser }), binary: null });
  stack.defer(() => worker.stop('release'));
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  expect((await queue.results(jobId)).rows).toMatchObject([{ data: { title: 'Hello' } }]);
  await expect
    .poll(() => listAttempts(queue.pool, jobId), { timeout: 60_000 })
    .toMatchObject([
      { browser: { isSpare: false, closeMs: expect.any(Number), peakMemoryBytes: null, requests: null } },
    ]);
  expect(await queue.browsersLeft()).toEqual([]);
});
