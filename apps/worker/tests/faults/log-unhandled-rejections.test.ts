import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { spawnWorker } from '../spawn-worker.ts';

test('a promise that fails while nobody waits for it, of an automation or of puppeteer, ends no worker', async () => {
  await using queue = await createQueue();
  await using _worker = await spawnWorker(queue, '');

  const jobId = await queue.submit('careless');

  expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 1 });
});
