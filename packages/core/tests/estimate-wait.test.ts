import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { completeJob, drainWorker, estimateWait, failJob, getQueueInfo, setQueue } from '../src/index.ts';
import { createFixture, type Fixture } from './fixture.ts';

const MINUTE = 60_000;

/** A service's history: so many runs of this length. */
async function addHistory(f: Fixture, runMs: number, runs = 5) {
  for (let i = 0; i < runs; i++) {
    const jobId = await f.submit();
    await f.claim(await f.addWorker());
    await completeJob(f.db, { jobId, attempt: 1, summary: null, resultTtlMs: MINUTE, browser: {} });
  }
  // Only the owner may rewrite what has been said; a test must, to have a past.
  await f.asOwner('update public.job_execution_metrics set run_ms = $1', [runMs]);
  await f.db.query(`update public.automation_workers set status = 'stopped', stopped_at = now()`);
}

test('jobs are numbered in the order in which they will be claimed', async () => {
  await using f = await createFixture();
  const [first, second, urgent] = [await f.submit(), await f.submit(), await f.submit({ priority: 2 })];
  const positions = await Promise.all(
    [urgent, first, second].map(async (id) => (await estimateWait(f.db, id)).queuePosition),
  );
  expect(positions).toEqual([1, 2, 3]);
});

test('the wait is what the history of the service says of the jobs ahead', async () => {
  await using f = await createFixture();
  await addHistory(f, 30_000);
  await f.addWorker();
  const ids = [await f.submit(), await f.submit(), await f.submit()];
  expect(await Promise.all(ids.map((id) => estimateWait(f.db, id)))).toEqual([
    { queuePosition: 1, estimatedWaitTime: 0, waitReason: 'next' },
    { queuePosition: 2, estimatedWaitTime: 30_000, waitReason: '1 ahead' },
    { queuePosition: 3, estimatedWaitTime: 60_000, waitReason: '2 ahead' },
  ]);
});

test('what runs already is counted with what is left of it, and never less than nothing', async () => {
  await using f = await createFixture();
  await addHistory(f, 10 * MINUTE);
  const [running, waiting] = [await f.submit(), await f.submit()];
  await f.claim(await f.addWorker());
  await f.db.query(
    `update public.automation_jobs set attempt_started_at = now() - interval '4 minutes' where id = $1`,
    [running],
  );
  const { estimatedWaitTime } = await estimateWait(f.db, waiting);
  expect(estimatedWaitTime).toBeLessThanOrEqual(6 * MINUTE);
  expect(estimatedWaitTime).toBeGreaterThan(5 * MINUTE);
  await f.db.query(
    `update public.automation_jobs set attempt_started_at = now() - interval '1 hour' where id = $1`,
    [running],
  );
  expect(await estimateWait(f.db, waiting)).toMatchObject({ estimatedWaitTime: 0 });
});

test('as many jobs as workers and the limit allow share the work', async () => {
  await using f = await createFixture();
  await addHistory(f, MINUTE);
  for (let i = 0; i < 3; i++) await f.addWorker();
  const ids = [];
  for (let i = 0; i < 7; i++) ids.push(await f.submit());
  const last = ids.at(-1) ?? '';
  expect(await estimateWait(f.db, last)).toMatchObject({ estimatedWaitTime: 6 * MINUTE });
  await f.setLimit(2);
  expect(await estimateWait(f.db, last)).toMatchObject({ estimatedWaitTime: 3 * MINUTE });
  await f.setLimit(null);
  expect(await estimateWait(f.db, last)).toMatchObject({ estimatedWaitTime: 2 * MINUTE });
});

test('nothing is promised when nothing can be said, and the reason is', async () => {
  await using f = await createFixture();
  const jobId = await f.submit();
  const nobody = { estimatedWaitTime: null, waitReason: 'no worker for this service' };
  expect(await estimateWait(f.db, jobId)).toMatchObject(nobody);
  const worker = await f.addWorker();
  expect(await estimateWait(f.db, jobId)).toMatchObject({ waitReason: 'next' });
  for (const change of [{ isPaused: true }, { isPaused: false, concurrencyLimit: 0 }]) {
    await setQueue(f.db, { name: 'default', ...change });
    expect(await estimateWait(f.db, jobId)).toMatchObject({
      estimatedWaitTime: null,
      waitReason: 'queue paused',
    });
  }
  await setQueue(f.db, { name: 'default', concurrencyLimit: 1 });
  await drainWorker(f.db, worker);
  expect(await estimateWait(f.db, jobId)).toMatchObject(nobody);
});

test('a job for later says so, and one that waits to be retried does too', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const later = await f.submit({ runAt: new Date(Date.now() + 60 * MINUTE).toISOString() });
  const { estimatedWaitTime, waitReason } = await estimateWait(f.db, later);
  expect(waitReason).toBe('scheduled');
  expect(estimatedWaitTime).toBeGreaterThan(59 * MINUTE);
  const failed = await f.submit();
  await f.claim(worker);
  await failJob(f.db, {
    jobId: failed,
    attempt: 1,
    error: { code: 'X', message: 'x' },
    isPermanent: false,
    backoffMs: MINUTE,
    maxBackoffMs: MINUTE,
    resultTtlMs: MINUTE,
    browser: {},
  });
  expect(await estimateWait(f.db, failed)).toMatchObject({ waitReason: 'waiting to retry' });
});

test('a running job has position 0, a finished or unknown one none', async () => {
  await using f = await createFixture();
  const jobId = await f.submit();
  await f.claim(await f.addWorker());
  expect(await estimateWait(f.db, jobId)).toEqual({
    queuePosition: 0,
    estimatedWaitTime: 0,
    waitReason: null,
  });
  await completeJob(f.db, { jobId, attempt: 1, summary: null, resultTtlMs: MINUTE, browser: {} });
  const none = { queuePosition: null, estimatedWaitTime: null, waitReason: null };
  expect(await estimateWait(f.db, jobId)).toEqual(none);
  expect(await estimateWait(f.db, randomUUID())).toEqual(none);
});

test('the figures count jobs by state and queue, and workers that are there', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', queue: 'other' });
  await f.addWorker();
  const worker = await f.addWorker();
  const done = await f.submit();
  await f.claim(worker);
  await completeJob(f.db, { jobId: done, attempt: 1, summary: null, resultTtlMs: MINUTE, browser: {} });
  await f.submit();
  await f.claim(worker);
  await f.submit();
  await f.submit({ serviceId: 'elsewhere' });
  expect(await getQueueInfo(f.db)).toEqual({
    pending: 2,
    processing: 1,
    completed: 1,
    failed: 0,
    cancelled: 0,
    activeWorkers: 2,
    queues: [
      { name: 'default', concurrencyLimit: 1, isPaused: false, pending: 1, processing: 1 },
      { name: 'other', concurrencyLimit: 1, isPaused: false, pending: 1, processing: 0 },
    ],
  });
});
