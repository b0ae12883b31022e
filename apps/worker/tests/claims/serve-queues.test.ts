import { createQueue as addQueue, bindService, estimateWait } from '@gantry/core';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

test('a worker of some queues leaves the jobs of others to others', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async () => {});
  await using _ofOther = await queue.startWorker([automation], { queues: ['other'] });
  const passedOver = await queue.submit('a-service');
  await addQueue(queue.pool, { name: 'other', concurrencyLimit: 1 });
  await bindService(queue.pool, { serviceId: 'a-service', queue: 'other' });

  const taken = await queue.submit('a-service');
  await queue.untilStatus(taken, 'completed');
  expect(await estimateWait(queue.pool, passedOver)).toMatchObject({
    wait: { code: 'no_worker' },
  });

  await using _ofAll = await queue.startWorker([automation]);
  await queue.untilStatus(passedOver, 'completed');
  // What an admin chose has outlived that the second worker published its services.
  expect((await queue.job(await queue.submit('a-service'))).queue).toBe('other');
});
