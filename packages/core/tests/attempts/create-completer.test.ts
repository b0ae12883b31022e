import { expect, test, vi } from 'vitest';

import { cancelJob, createCompleter, getJob, LeaseLostError } from '../../src/index.ts';
import { createFixture, type Fixture, HOUR_MS } from '../fixture.ts';

async function startMany(f: Fixture, count: number) {
  await f.setLimit(null);
  const workerId = await f.addWorker();
  for (let n = 0; n < count; n++) await f.submit();
  const jobs = await f.claim(workerId, { limit: count });
  return jobs.map(({ jobId, attempt }, n) => ({ jobId, attempt, summary: { n }, browser: {} }));
}

test('attempts that end at the same time share statements, and each is completed', async () => {
  await using f = await createFixture();
  const ended = await startMany(f, 50);
  expect(ended).toHaveLength(50);
  const query = vi.spyOn(f.db, 'query');
  const complete = createCompleter(f.db, { resultTtlMs: HOUR_MS });

  await Promise.all(ended.map((one) => complete(one)));

  // Two go at once, and what comes meanwhile is the third.
  expect(query.mock.calls.length).toBeLessThanOrEqual(3);
  const jobs = await Promise.all(ended.map(({ jobId }) => getJob(f.db, jobId)));
  expect(jobs.map((job) => job?.status)).toEqual(ended.map(() => 'completed'));
});

test('an attempt that lost its job is told so, and those beside it are completed', async () => {
  await using f = await createFixture();
  const ended = await startMany(f, 10);
  const lost = ended[7]?.jobId ?? '';
  await cancelJob(f.db, { jobId: lost, reason: 'cancelled_by_owner' });
  const complete = createCompleter(f.db, { resultTtlMs: HOUR_MS });

  const outcomes = await Promise.allSettled(ended.map((one) => complete(one)));

  for (const [n, outcome] of outcomes.entries()) {
    if (n === 7) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LeaseLostError) });
    else expect(outcome.status).toBe('fulfilled');
  }
});
