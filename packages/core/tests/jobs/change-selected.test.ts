import { describe, expect, test } from 'vitest';

import {
  cancelJobs,
  completeJob,
  failJob,
  getJob,
  type JobFilter,
  retryJobs,
  selectCancellable,
  selectFailed,
  submitJobs,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture } from '../fixture.ts';

const statusOf = async (f: Fixture, jobId: string) => (await getJob(f.db, jobId))?.status;
const cancelSelected = (f: Fixture, filter: JobFilter & { selection: string }) =>
  cancelJobs(f.db, { filter, reason: 'cancelled_by_owner' });

test('jobs are counted first, and then those that were counted are cancelled', async () => {
  await using f = await createFixture();
  const { jobId: running } = await f.start();
  const tagged = await f.submit({ tags: ['night'] });
  const waiting = await f.submit({ dependsOn: [{ jobId: tagged, onFailure: 'run' }], tags: ['night'] });
  expect(await selectCancellable(f.db, { tag: 'night' })).toMatchObject({ count: 2 });
  const { count, selection } = await selectCancellable(f.db, { userId: f.user.id });
  expect(count).toBe(3);
  const later = await f.submit();
  expect(await cancelSelected(f, { userId: f.user.id, selection })).toBe(3);
  for (const jobId of [running, tagged, waiting]) expect(await statusOf(f, jobId)).toBe('cancelled');
  expect(await statusOf(f, later)).toBe('pending');
  expect(await cancelSelected(f, { userId: f.user.id, selection })).toBe(0);
});

test('many are cancelled in batches', async () => {
  await using f = await createFixture();
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 250 }, () => job),
  );
  const { count, selection } = await selectCancellable(f.db, {});
  expect(count).toBe(250);
  expect(await cancelSelected(f, { selection })).toBe(250);
});

test('one that finished since it was counted is left as it is', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  const { selection } = await selectCancellable(f.db, {});
  await completeJob(f.db, { jobId, attempt, summary: null, ...END });
  expect(await cancelSelected(f, { selection })).toBe(0);
  expect(await statusOf(f, jobId)).toBe('completed');
});

test('what was not counted with this filter is refused', async () => {
  await using f = await createFixture();
  const { selection } = await selectCancellable(f.db, { tag: 'night' });
  for (const filter of [{ selection }, { tag: 'day', selection }, { selection: 'all' }]) {
    await expect(cancelSelected(f, filter)).rejects.toMatchObject({ code: 'SELECTION_INVALID' });
  }
});

test('one that another drags along is not counted twice', async () => {
  await using f = await createFixture();
  const first = await f.submit();
  const failing = await f.submit({ dependsOn: [{ jobId: first }] });
  const { count, selection } = await selectCancellable(f.db, {});
  expect(count).toBe(2);
  expect(await cancelSelected(f, { selection })).toBe(1);
  expect(await statusOf(f, failing)).toBe('failed');
});

describe('retrying', () => {
  const fail = (f: Fixture, jobId: string) =>
    failJob(f.db, { jobId, attempt: 1, ...FAIL, isPermanent: true });

  test('counts and takes those that failed, oldest first, so that what waits for one of them waits again', async () => {
    await using f = await createFixture();
    const { jobId } = await f.start();
    const dependent = await f.submit({ dependsOn: [{ jobId }] });
    await fail(f, jobId);
    const { count, selection } = await selectFailed(f.db, {});
    expect(count).toBe(2);
    expect(await retryJobs(f.db, { filter: { selection }, reason: 'retried_by_admin' })).toBe(2);
    expect(await getJob(f.db, jobId)).toMatchObject({ status: 'pending', blockedBy: 0 });
    expect(await getJob(f.db, dependent)).toMatchObject({ status: 'pending', blockedBy: 1 });
  });

  test('leaves one that waits for a job outside the selection', async () => {
    await using f = await createFixture();
    const { jobId } = await f.start();
    const dependent = await f.submit({ dependsOn: [{ jobId }], tags: ['night'] });
    await fail(f, jobId);
    const filter = { tag: 'night' };
    const { selection } = await selectFailed(f.db, filter);
    expect(await retryJobs(f.db, { filter: { ...filter, selection }, reason: 'retried_by_owner' })).toBe(0);
    expect(await statusOf(f, dependent)).toBe('failed');
  });
});

test('many are cancelled at once while their jobs end, and nobody waits for ever', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  for (let round = 0; round < 10; round++) {
    const roots = await Promise.all(Array.from({ length: 10 }, () => f.submit()));
    for (const [n, jobId] of roots.entries()) {
      const next = roots[(n + 3) % roots.length] ?? jobId;
      const after = [...new Set([jobId, next])].map((id) => ({ jobId: id, onFailure: 'run' as const }));
      await f.submit({ dependsOn: after });
    }
    await f.claim(await f.addWorker(), { limit: 100 });
    const { selection } = await selectCancellable(f.db, {});
    const ends = await Promise.allSettled([
      ...roots.map((jobId) => completeJob(f.db, { jobId, attempt: 1, summary: null, ...END })),
      cancelSelected(f, { selection }),
      cancelSelected(f, { selection }),
    ]);
    const surprises = ends.filter((end) => end.status === 'rejected' && end.reason.code !== 'LEASE_LOST');
    expect(surprises).toEqual([]);
    const { rowCount } = await f.db.query('select from public.automation_jobs where finished_at is null');
    expect(rowCount).toBe(0);
  }
});
