import { sweepBrowsers } from '@gantry/chrome';
import { expect, test } from 'vitest';

import { createQueue, type Queue } from '../fixture.ts';
import { openGate } from '../gate.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { ROWS, rowsOf } from '../test-automations.ts';

/** Every row is there once, and no row was told twice. */
async function expectEachRowOnce(queue: Queue, jobId: string): Promise<void> {
  const all = Array.from({ length: ROWS }, (_, index) => index);
  expect((await queue.results(jobId)).rows.map(({ index }) => index)).toEqual(all);
  const told = (await queue.events(jobId)).flatMap((event) =>
    event.type === 'row' ? [event.data.index] : [],
  );
  expect(told).toEqual(all);
}

test('a worker killed in the middle: another goes on after its last row, and no browser is left', async () => {
  await using gate = await openGate({ isOpen: ({ attempt, row }) => attempt > 1 || row < 3 });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url);
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });
  expect(await queue.browserProcesses()).not.toEqual([]);

  first.send('SIGKILL');
  await first.exited;

  await expect.poll(() => queue.browserProcesses()).toEqual([]);
  await using _second = await queue.startWorker([rowsOf(gate.url)]);
  await queue.untilStatus(jobId, 'completed');
  expect(await queue.browsersLeft()).toEqual([]);
  await expectEachRowOnce(queue, jobId);
  expect(gate.visits.filter(({ attempt }) => attempt === 2).map(({ row }) => row)).toEqual([3, 4, 5]);
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
});

test('a worker frozen for longer than its lease: when it wakes, it writes nothing and kills its browser', async () => {
  await using gate = await openGate({ isOpen: ({ attempt, row }) => attempt > 1 || row < 3 });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url, { leaseMs: 10_000 });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });
  const before = await queue.browsersLeft();

  first.send('SIGSTOP');
  await using _second = await queue.startWorker([rowsOf(gate.url)]);
  await queue.untilStatus(jobId, 'completed');
  const done = await queue.job(jobId);
  expect(await queue.browsersLeft()).toEqual(before);
  gate.open();
  first.send('SIGCONT');

  await expect.poll(() => queue.browsersLeft()).toEqual([]);
  expect(await queue.job(jobId)).toEqual(done);
  const { rows } = await queue.results(jobId);
  expect(rows.map(({ data }) => data['attempt'])).toEqual([1, 1, 1, 2, 2, 2]);
  await expectEachRowOnce(queue, jobId);
});

test('SIGTERM: the job is given back when the drain is over, the attempt does not count, and the exit is clean', async () => {
  await using gate = await openGate({ isOpen: ({ attempt, row }) => attempt > 1 || row < 3 });
  await using queue = await createQueue();
  await using first = await spawnWorker(queue, gate.url, { drainTimeoutMs: 200 });
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });

  first.send('SIGTERM');

  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await queue.job(jobId)).toMatchObject({ status: 'pending', attemptsUsed: 0 });
  expect(await queue.browsersLeft()).toEqual([]);
  await using _second = await queue.startWorker([rowsOf(gate.url)]);
  await queue.untilStatus(jobId, 'completed');
  await expectEachRowOnce(queue, jobId);
});

test('several workers of one machine do not touch each other’s browsers', async () => {
  await using gate = await openGate({ isOpen: ({ row }) => row < 3 });
  await using queue = await createQueue();
  await using _first = await spawnWorker(queue, gate.url);
  const jobId = await queue.submit('rows');
  await gate.untilVisit({ attempt: 1, row: 3 });

  await using _second = await spawnWorker(queue, gate.url);
  expect(await sweepBrowsers({ rootDir: queue.browserRootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 0,
  });
  gate.open();

  expect(await queue.untilStatus(jobId, 'completed')).toMatchObject({ attempt: 1 });
});
