import { setQueue } from '@gantry/core';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

test('two workers share 60 jobs, and none is run twice', async () => {
  await using queue = await createQueue();
  const runs: { worker: string; jobId: string; attempt: number }[] = [];
  const automationFor = (worker: string) =>
    automationOf(async ({ jobId, attempt }) => void runs.push({ worker, jobId, attempt }), {
      queue: 'shared',
    });
  const jobIds: string[] = [];
  await using _first = await queue.startWorker([automationFor('first')], { concurrency: 2 });
  await setQueue(queue.pool, { name: 'shared', concurrencyLimit: null });
  for (let count = 0; count < 60; count++) jobIds.push(await queue.submit('a-service'));
  await using _second = await queue.startWorker([automationFor('second')], { concurrency: 2 });

  await expect
    .poll(async () => (await queue.pool.query(COMPLETED)).rows[0]?.count, { timeout: 280_000, interval: 200 })
    .toBe(60);

  expect(runs.map(({ jobId }) => jobId).sort()).toEqual([...jobIds].sort());
  expect(new Set(runs.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  expect(new Set(runs.map(({ worker }) => worker)).size).toBe(2);
});

test('the default queue runs one job at a time, however many workers there are', async () => {
  await using queue = await createQueue();
  let running = 0;
  let most = 0;
  const automation = automationOf(async ({ page }) => {
    most = Math.max(most, ++running);
    await page.setContent('<p>busy</p>');
    running -= 1;
  });
  await using _first = await queue.startWorker([automation], { concurrency: 2 });
  await using _second = await queue.startWorker([automation], { concurrency: 2 });
  const jobIds = await Promise.all(Array.from({ length: 6 }, () => queue.submit('a-service')));

  for (const jobId of jobIds) await queue.untilStatus(jobId, 'completed');

  expect(most).toBe(1);
});

const COMPLETED = `select count(*)::int as count from public.automation_jobs where status = 'completed'`;
