import { listWorkers } from '@gantry/core';
import { expect, test } from 'vitest';
import { startBehindProxy } from '../browsers/start-behind-proxy.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { automationOf, hang } from '../test-automations.ts';
import { openDatabaseProxy } from './database-proxy.ts';

/** Heartbeats that come in time by themselves would prove nothing. */
const RARE = { heartbeatIntervalMs: 3_600_000, leaseMs: 7_200_000 };

const workerOf = async (queue: Queue) => (await listWorkers(queue.pool))[0];

test('a worker that loses its session says at once that it lives', async () => {
  await using queue = await createQueue();
  await using _worker = await queue.startWorker([automationOf(hang)], RARE);
  await expect.poll(async () => (await workerOf(queue))?.heartbeatAt).toBeDefined();
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');
  const before = (await workerOf(queue))?.heartbeatAt ?? '';

  await queue.endBackends('gantry-worker-listen');

  await expect.poll(async () => (await workerOf(queue))?.heartbeatAt ?? '').not.toBe(before);
});

test('a worker whose session does not come back keeps its jobs for as long as its heartbeats arrive', async () => {
  await using queue = await createQueue();
  await using proxy = await openDatabaseProxy(queue.database.databaseUrl);
  await using _worker = await startBehindProxy(queue, proxy, automationOf(hang), RARE);
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');

  proxy.refuse('gantry-worker-listen');

  // Twice the grace that a worker without its session has.
  const missed = `select from public.automation_workers where session_lost_at < clock_timestamp() - interval '4 s' or status = 'lost'`;
  await expect.poll(() => queue.pool.query(missed).then(({ rowCount }) => rowCount)).toBe(1);
  expect(await workerOf(queue)).toMatchObject({ status: 'active', running: [{ jobId, attempt: 1 }] });
});
