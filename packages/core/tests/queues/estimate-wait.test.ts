import { randomUUID } from 'node:crypto';
import { describeWaitReason, type WaitReason } from '@gantry/contract';

import { expect, test } from 'vitest';

import { completeJob, drainWorker, estimateWait, failJob, setQueue } from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

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
  await f.asOwner(`update public.automation_workers set status = 'stopped', stopped_at = now()`);
}

/** An estimate from a past in which all runs took the same time. */
function wait(o: { queuePosition: number; waitMs: number; wait: WaitReason | null }) {
  const { queuePosition, waitMs, wait: reason } = o;
  const estimatedWaitRange = { p50Ms: waitMs, p90Ms: waitMs };
  return {
    queuePosition,
    estimatedWaitTime: waitMs,
    estimatedWaitRange,
    wait: reason,
    waitReason: reason && describeWaitReason(reason),
  };
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
    wait({ queuePosition: 1, waitMs: 0, wait: { code: 'next' } }),
    wait({ queuePosition: 2, waitMs: 30_000, wait: { code: 'ahead', count: 1 } }),
    wait({ queuePosition: 3, waitMs: 60_000, wait: { code: 'ahead', count: 2 } }),
  ]);
});

test('what runs already is counted with what is left of it, and less than its time-out', async () => {
  await using f = await createFixture();
  await addHistory(f, 10 * MINUTE);
  const [running, waiting] = [await f.submit(), await f.submit()];
  await f.claim(await f.addWorker());
  await f.asOwner(
    `update public.automation_jobs set attempt_started_at = now() - interval '4 minutes' where id = $1`,
    [running],
  );
  const { estimatedWaitTime } = await estimateWait(f.db, waiting);
  expect(estimatedWaitTime).toBeLessThanOrEqual(6 * MINUTE);
  expect(estimatedWaitTime).toBeGreaterThan(5 * MINUTE);
  await f.asOwner(
    `update public.automation_jobs set attempt_started_at = now() - interval '1 hour' where id = $1`,
    [running],
  );
  // It should have been stopped long ago.
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
  const nobody = { estimatedWaitTime: null, wait: { code: 'no_worker' } };
  expect(await estimateWait(f.db, jobId)).toMatchObject(nobody);
  const worker = await f.addWorker();
  expect(await estimateWait(f.db, jobId)).toMatchObject({ wait: { code: 'next' } });
  for (const change of [{ isPaused: true }, { isPaused: false, concurrencyLimit: 0 }]) {
    await setQueue(f.db, { name: 'default', ...change });
    expect(await estimateWait(f.db, jobId)).toMatchObject({
      estimatedWaitTime: null,
      wait: { code: 'queue_paused' },
    });
  }
  await setQueue(f.db, { name: 'default', concurrencyLimit: 1 });
  await drainWorker(f.db, worker);
  expect(await estimateWait(f.db, jobId)).toMatchObject(nobody);
});

test('a job for later says so, and one that waits to be retried does too', async () => {
  await using f = await createFixture();
  const worker = await f.addWorker();
  const runAt = new Date(Date.now() + 60 * MINUTE).toISOString();
  const later = await f.submit({ runAt });
  const { queuePosition, estimatedWaitTime, wait: reason } = await estimateWait(f.db, later);
  expect(reason).toEqual({ code: 'scheduled', at: `${runAt.slice(0, 19)}Z` });
  expect(queuePosition).toBeNull();
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
  expect(await estimateWait(f.db, failed)).toMatchObject({ wait: { code: 'retrying' } });
});

test('a running job has position 0, a finished or unknown one none', async () => {
  await using f = await createFixture();
  const jobId = await f.submit();
  await f.claim(await f.addWorker());
  expect(await estimateWait(f.db, jobId)).toEqual(wait({ queuePosition: 0, waitMs: 0, wait: null }));
  await completeJob(f.db, { jobId, attempt: 1, summary: null, resultTtlMs: MINUTE, browser: {} });
  const none = {
    queuePosition: null,
    estimatedWaitTime: null,
    estimatedWaitRange: null,
    wait: null,
    waitReason: null,
  };
  expect(await estimateWait(f.db, jobId)).toEqual(none);
  expect(await estimateWait(f.db, randomUUID())).toEqual(none);
});
