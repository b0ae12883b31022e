import { setQueue } from '@gantry/core';
import { expect, test } from 'vitest';

import { publishServices } from '../../src/maintenance/publish-services.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { killerOf, rowsOf } from '../test-automations.ts';

const SHARED = { queue: 'shared' };

/** Starts a worker whenever the one before has died, as an operating system would, until the job has ended. */
async function superviseUntilEnd(queue: Queue, gateUrl: string, jobId: string): Promise<number> {
  for (let deaths = 0; ; deaths++) {
    await using worker = await spawnWorker(queue, gateUrl, { ...SHARED, concurrency: 4 });
    const ended = queue.untilStatus(jobId, 'failed', 100_000).then(() => 'ended');
    const how = await Promise.race([ended, worker.exited.then(() => 'died')]);
    ended.catch(() => {});
    if (how === 'ended') return deaths;
  }
}

test('of four jobs in one worker the one that kills it has failed in the end, and the others are done', async () => {
  const isThere = (row: number) => gate.visits.filter((visit) => visit.row === row).length;
  await using gate = await openGate({ isOpen: ({ attempt }) => attempt > 1 });
  await using queue = await createQueue();
  await publishServices(queue.deps([rowsOf(gate.url, SHARED), killerOf(SHARED)]));
  await setQueue(queue.pool, { name: SHARED.queue, concurrencyLimit: null });
  const bystanders = [await queue.submit('rows'), await queue.submit('rows'), await queue.submit('rows')];
  let killer = '';
  {
    await using first = await spawnWorker(queue, gate.url, { ...SHARED, concurrency: 4 });
    await expect.poll(() => isThere(0)).toBe(3);
    killer = await queue.submit('killer');
    await first.exited;
  }

  const deaths = await superviseUntilEnd(queue, gate.url, killer);

  expect(deaths).toBe(3);
  expect(await queue.job(killer)).toMatchObject({
    attemptsUsed: 3,
    error: { code: 'WORKER_LOST', message: expect.stringContaining('3 times') },
  });
  await using _last = await spawnWorker(queue, gate.url, { ...SHARED, concurrency: 4 });
  for (const jobId of bystanders) {
    expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attemptsUsed: 1 });
    expect((await queue.outcomes(jobId)).filter((outcome) => outcome === 'lost')).toEqual(['lost']);
  }
  await expect.poll(() => queue.browsersLeft()).toEqual([]);
});
