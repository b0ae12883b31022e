import { setQueue } from '@gantry/core';
import { expect, test } from 'vitest';

import { publishServices } from '../../src/maintenance/publish-services.ts';
import { createQueue } from '../fixture.ts';
import { automationOf, hang } from '../test-automations.ts';

test('four jobs run in four browsers of one worker at once, each in its own directory', async () => {
  await using queue = await createQueue();
  const browsers = new Set<number | undefined>();
  const together = Promise.withResolvers<void>();
  const automation = automationOf(
    async ({ page, attempt }) => {
      browsers.add(page.browser().process()?.pid);
      if (browsers.size === 4) together.resolve();
      await together.promise;
      await page.setContent(`<p>${attempt}</p>`);
    },
    { queue: 'shared' },
  );
  await publishServices(queue.deps([automation]));
  await setQueue(queue.pool, { name: 'shared', concurrencyLimit: null });
  const jobIds = await Promise.all(Array.from({ length: 4 }, () => queue.submit('a-service')));
  await using _worker = await queue.startWorker([automation], { concurrency: 4 });

  // None of them ends before all four are there.
  await together.promise;
  expect(await queue.browsersLeft()).toHaveLength(4);
  expect(browsers).not.toContain(undefined);
  for (const jobId of jobIds)
    expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 1 });
});

test('a worker claims no more than it can run at once: the others are there for another worker', async () => {
  await using queue = await createQueue();
  const automation = automationOf(hang, { queue: 'shared' });
  await publishServices(queue.deps([automation]));
  await setQueue(queue.pool, { name: 'shared', concurrencyLimit: null });
  const jobIds = await Promise.all(Array.from({ length: 5 }, () => queue.submit('a-service')));
  const statuses = async () => (await Promise.all(jobIds.map(queue.job))).map(({ status }) => status);
  const hanging = async () =>
    (await Promise.all(jobIds.map(queue.job))).filter(({ step }) => step === 'hanging').length;
  await using _first = await queue.startWorker([automation], { concurrency: 2 });
  await expect.poll(hanging).toBe(2);
  expect((await statuses()).filter((status) => status === 'processing')).toHaveLength(2);

  await using _second = await queue.startWorker([automation], { concurrency: 2 });

  await expect.poll(hanging).toBe(4);
  expect((await statuses()).filter((status) => status === 'pending')).toHaveLength(1);
});

test('a worker that serves some queues leaves the jobs of others alone', async () => {
  await using queue = await createQueue();
  const here = automationOf(async () => {}, { id: 'here', queue: 'here' });
  const elsewhere = automationOf(async () => {}, { id: 'elsewhere', queue: 'elsewhere' });
  await publishServices(queue.deps([here, elsewhere]));
  const notOurs = await queue.submit('elsewhere');
  const ours = await queue.submit('here');
  await using _worker = await queue.startWorker([here, elsewhere], { queues: ['here'] });

  await queue.untilStatus(ours, 'completed');

  expect(await queue.job(notOurs)).toMatchObject({ status: 'pending', attempt: 0 });
  await using _other = await queue.startWorker([here, elsewhere]);
  await queue.untilStatus(notOurs, 'completed');
});
