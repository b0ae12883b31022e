import { readFile } from 'node:fs/promises';

import { sweepBrowsers } from '@gantry/chrome';
import { sweepStorage } from '@gantry/core';
import { expect, test } from 'vitest';

import { publishServices } from '../../src/maintenance/publish-services.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { filerOf, ROWS, rowsOf } from '../test-automations.ts';

/** No lease ends while the test lasts: what is noticed is noticed by the lost session. */
const LONG_LEASE = { leaseMs: 3_600_000 };
const NO_GATE = 'http://127.0.0.1:9';
const KILLED = { code: null, signal: 'SIGKILL' };

async function readFiles(queue: Queue, jobId: string): Promise<string[]> {
  const { artifacts } = await queue.results(jobId);
  return Promise.all(
    artifacts.map(async ({ storageKey }) => (await (await queue.storage.get(storageKey)).toArray()).join('')),
  );
}

async function countStored(queue: Queue): Promise<number> {
  let count = 0;
  for await (const _ of queue.storage.list()) count += 1;
  return count;
}

async function submitFiler(queue: Queue): Promise<string> {
  await publishServices(queue.deps([filerOf()]));
  return queue.submit('filer');
}

/** Waits until nothing of a killed worker's browser is left. Its directory goes with the next sweep of any worker. */
const untilSwept = (queue: Queue) =>
  expect
    .poll(async () => {
      await sweepBrowsers({ rootDir: queue.browserRootDir });
      return queue.browsersLeft();
    })
    .toEqual([]);

test('killed between the claim and the run: another worker runs the job', async () => {
  await using queue = await createQueue();
  const jobId = await submitFiler(queue);
  const fault = { at: 'claimed', signal: 'SIGKILL' } as const;
  await using first = await spawnWorker(queue, NO_GATE, { fault, ...LONG_LEASE });
  expect(await first.exited).toEqual(KILLED);

  await using _second = await queue.startWorker([filerOf()]);

  await queue.untilStatus(jobId, 'completed');
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
});

test('killed between storing a file and entering it: the next attempt makes its own, and the orphan is swept', async () => {
  await using queue = await createQueue();
  const jobId = await submitFiler(queue);
  const fault = { at: 'after a file was stored', signal: 'SIGKILL' } as const;
  await using first = await spawnWorker(queue, NO_GATE, { fault, ...LONG_LEASE });
  expect(await first.exited).toEqual(KILLED);

  await using _second = await queue.startWorker([filerOf()]);

  await queue.untilStatus(jobId, 'completed');
  expect(await countStored(queue)).toBe(2);
  await sweepStorage(queue.pool, queue.storage, -1);
  expect(await countStored(queue)).toBe(1);
  expect(await readFiles(queue, jobId)).toEqual(['attempt 2']);
  await untilSwept(queue);
});

test('killed after its last word was written: the job is completed once', async () => {
  await using queue = await createQueue();
  const jobId = await submitFiler(queue);
  const fault = { at: 'completed', signal: 'SIGKILL' } as const;
  await using first = await spawnWorker(queue, NO_GATE, { fault, ...LONG_LEASE });
  expect(await first.exited).toEqual(KILLED);

  await using _second = await queue.startWorker([filerOf()]);

  // Its next job has come and gone, so nobody has anything left to rescue.
  await queue.untilStatus(await queue.submit('filer'), 'completed');
  expect(await queue.job(jobId)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(await queue.outcomes(jobId)).toEqual(['completed']);
  const ends = (await queue.events(jobId)).filter(
    (event) => event.type === 'state' && event.data.to === 'completed',
  );
  expect(ends).toHaveLength(1);
});

test('frozen while it stores a file, and awake when another has done the job: its file is in nobody’s way', async () => {
  await using queue = await createQueue();
  const jobId = await submitFiler(queue);
  const fault = { at: 'before a file is stored', signal: 'SIGSTOP' } as const;
  await using first = await spawnWorker(queue, NO_GATE, { fault, leaseMs: 10_000 });
  const isFrozen = async () => / T /.test(await readFile(`/proc/${first.pid}/stat`, 'utf8'));
  await expect.poll(isFrozen).toBe(true);
  await using _second = await queue.startWorker([filerOf()]);
  const done = await queue.untilStatus(jobId, 'completed');
  expect(done.attempt).toBe(2);

  first.send('SIGCONT');
  first.send('SIGTERM');

  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await queue.job(jobId)).toEqual(done);
  expect(await readFiles(queue, jobId)).toEqual(['attempt 2']);
  expect(await countStored(queue)).toBe(1);
  await untilSwept(queue);
});

test('killed in the middle: long before its lease would have ended the job runs elsewhere', async () => {
  await using gate = await openGate({ isOpen: ({ attempt }) => attempt > 1 });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url, LONG_LEASE);
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 0 });
  await using _second = await queue.startWorker([rowsOf(gate.url)], LONG_LEASE);

  first.send('SIGKILL');

  await queue.untilStatus(jobId, 'completed');
  expect((await queue.results(jobId)).rows).toHaveLength(ROWS);
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
  await untilSwept(queue);
});

test('asked twice to end, it does not wait for the drain: the job is given back at once', async () => {
  await using gate = await openGate({ isOpen: () => false });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url, { drainTimeoutMs: 3_600_000, ...LONG_LEASE });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 0 });

  first.send('SIGTERM');
  await expect.poll(() => queue.workerStatus()).toBe('draining');
  first.send('SIGTERM');

  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await queue.job(jobId)).toMatchObject({
    status: 'pending',
    cause: { code: 'released' },
    attemptsUsed: 0,
  });
  expect(await queue.browsersLeft()).toEqual([]);
});

test('killed while it drains, it has lost its job like any other', async () => {
  await using gate = await openGate({ isOpen: ({ attempt }) => attempt > 1 });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url, { drainTimeoutMs: 3_600_000, ...LONG_LEASE });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 0 });
  first.send('SIGTERM');
  await expect.poll(() => queue.workerStatus()).toBe('draining');

  first.send('SIGKILL');

  await using _second = await queue.startWorker([rowsOf(gate.url)]);
  await queue.untilStatus(jobId, 'completed');
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
  await untilSwept(queue);
});
