import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  appendEvents,
  cancelJob,
  completeJob,
  failJob,
  getJob,
  getJobEvents,
  getRowResults,
  releaseJob,
  retryJob,
  saveCheckpoint,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, rowEvent } from '../fixture.ts';

const statesOf = async (f: Fixture, jobId: string) =>
  (await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 1000 })).flatMap((e) =>
    e.type === 'state' ? [`${e.data.to}: ${e.data.cause.code}`] : [],
  );

test('a back-off never exceeds its bound, and differs from job to job', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();
  for (let i = 0; i < 20; i++) await f.submit();
  await f.claim(workerId, { limit: 20 });
  await f.asOwner('update public.automation_jobs set attempt = 40, attempts_used = 40, max_attempts = 100');
  const { rows } = await f.db.query('select id from public.automation_jobs');
  const delays = [];
  for (const { id } of rows) {
    const outcome = await failJob(f.db, { jobId: id, attempt: 40, ...FAIL });
    const { rows: ended } = await f.db.query(
      'select created_at from public.job_execution_metrics where job_id = $1',
      [id],
    );
    if (outcome.outcome === 'retry') delays.push(Date.parse(outcome.retryAt) - ended[0].created_at);
  }
  expect(Math.max(...delays)).toBeLessThanOrEqual(FAIL.maxBackoffMs);
  expect(Math.min(...delays)).toBeGreaterThan(FAIL.maxBackoffMs * 0.7);
  expect(new Set(delays).size).toBeGreaterThan(1);
});

describe('a failed attempt', () => {
  test('is retried after a back-off that doubles, and fails the job when attempts are used up', async () => {
    await using f = await createFixture();
    const workerId = await f.addWorker();
    const jobId = await f.submit();
    for (const [attempt, low, high] of [
      [1, 750, 1250],
      [2, 1500, 2500],
    ] as const) {
      await f.asOwner(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
      await f.claim(workerId);
      const before = Date.now();
      const outcome = await failJob(f.db, { jobId, attempt, ...FAIL });
      const delay = outcome.outcome === 'retry' ? Date.parse(outcome.retryAt) - before : Number.NaN;
      expect(delay).toBeGreaterThan(low - 50);
      expect(delay).toBeLessThan(high + 2000);
    }
    await f.asOwner(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
    await f.claim(workerId);
    expect(await failJob(f.db, { jobId, attempt: 3, ...FAIL })).toEqual({ outcome: 'failed' });
    expect(await getJob(f.db, jobId)).toMatchObject({
      status: 'failed',
      cause: { code: 'attempts_used_up' },
      error: FAIL.error,
    });
  });

  test('with a permanent error is not retried', async () => {
    await using f = await createFixture();
    const { jobId, attempt } = await f.start();
    expect(await failJob(f.db, { jobId, attempt, ...FAIL, isPermanent: true })).toEqual({
      outcome: 'failed',
    });
  });

  test('can be retried by hand with all attempts, and keeps its answers', async () => {
    await using f = await createFixture();
    const { jobId, attempt, workerId } = await f.start();
    await appendEvents(f.db, { jobId, attempt, events: [rowEvent(0)] });
    await saveCheckpoint(f.db, { jobId, attempt, checkpoint: { at: 7 } });
    await failJob(f.db, { jobId, attempt, ...FAIL, isPermanent: true });
    await retryJob(f.db, { jobId, reason: 'retried_by_owner' });
    expect(await f.claim(workerId)).toMatchObject([
      { jobId, attempt: 2, attemptsUsed: 1, checkpoint: { at: 7 } },
    ]);
    expect(await getRowResults(f.db, jobId)).toHaveLength(1);
    await expect(retryJob(f.db, { jobId, reason: 'retried_by_owner' })).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
    });
  });
});

test('a job given back is pending at once and its attempt does not count', async () => {
  await using f = await createFixture();
  const { jobId, attempt, workerId } = await f.start();
  await releaseJob(f.db, { jobId, attempt, browser: {} });
  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'pending',
    cause: { code: 'released' },
    attemptsUsed: 0,
    attempt: 1,
  });
  expect(await f.claim(workerId)).toMatchObject([{ attempt: 2, attemptsUsed: 1 }]);
});

describe('cancelling', () => {
  test('ends a pending job, and again changes nothing', async () => {
    await using f = await createFixture();
    const jobId = await f.submit();
    await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
    await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
    expect(await statesOf(f, jobId)).toEqual(['pending: submitted', 'cancelled: cancelled_by_owner']);
  });

  test('of a finished job is refused', async () => {
    await using f = await createFixture();
    const { jobId, attempt } = await f.start();
    await completeJob(f.db, { jobId, attempt, summary: null, ...END });
    await expect(cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' })).rejects.toMatchObject({
      code: 'JOB_ALREADY_FINISHED',
    });
    await expect(
      cancelJob(f.db, { jobId: randomUUID(), reason: 'cancelled_by_owner' }),
    ).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
  });

  test('and completing at the same moment: one wins, and there is one end', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    for (let round = 0; round < 20; round++) {
      const { jobId, attempt } = await f.start();
      await Promise.allSettled([
        cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' }),
        completeJob(f.db, { jobId, attempt, summary: null, ...END }),
      ]);
      const ends = (await statesOf(f, jobId)).filter((state) => /^(cancelled|completed)/.test(state));
      expect(ends).toHaveLength(1);
    }
  });
});

test('a state that cannot follow is refused by the database itself', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await completeJob(f.db, { jobId, attempt, summary: null, ...END });
  await expect(
    f.asOwner(
      `update public.automation_jobs set status = 'pending', finished_at = null, expires_at = null where id = $1`,
      [jobId],
    ),
  ).rejects.toMatchObject({ code: 'GQ011' });
});
