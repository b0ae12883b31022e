import { sweepBrowsers } from '@gantry/chrome';
import { listAttempts } from '@gantry/core';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { quickConfig } from '../process-settings.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { automationOf } from '../test-automations.ts';

const browser = { ...quickConfig().browser, warmBrowsers: 1 };

test('each job gets a browser that was launched ahead, and none is used twice', async () => {
  await using queue = await createQueue();
  const seen: (number | undefined)[] = [];
  const automation = automationOf(async ({ page }) => {
    seen.push(page.browser().process()?.pid);
    await page.setContent('<h1>Hello</h1>');
  });
  await using _worker = await queue.startWorker([automation], { browser });
  const jobIds = [await queue.submit('a-service'), await queue.submit('a-service')];

  for (const jobId of jobIds) await queue.untilStatus(jobId, 'completed');

  expect(new Set(seen).size).toBe(2);
  expect(seen).not.toContain(undefined);
  await expect.poll(() => queue.browsersLeft()).toHaveLength(1);
  for (const jobId of jobIds) {
    // A moment after the end, since nothing waits for them.
    await expect
      .poll(() => listAttempts(queue.pool, jobId))
      .toMatchObject([
        {
          outcome: 'completed',
          browser: {
            isWarm: true,
            launchMs: expect.toSatisfy((ms: number) => ms > 0),
            peakMemoryBytes: expect.toSatisfy((bytes: number) => bytes > 10_000_000),
            cpuMs: expect.toSatisfy((ms: number) => ms > 0),
            requests: 0,
          },
        },
      ]);
  }
});

test('a worker that is killed leaves neither the browser of its job nor the warm browser alive', async () => {
  await using gate = await openGate({ isOpen: () => false });
  await using queue = await createQueue();
  await using worker = await spawnWorker(queue, gate.url, { browser });
  await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 0 });
  // Not those that are being made.
  const browsers = async () => (await queue.browsersLeft()).filter((name) => name.startsWith('chrome_'));
  await expect.poll(browsers).toHaveLength(2);

  worker.send('SIGKILL');
  await worker.exited;

  await expect.poll(() => queue.browserProcesses()).toEqual([]);
  expect(await sweepBrowsers({ rootDir: queue.browserRootDir })).toMatchObject({ removedDirectories: 2 });
});
