import { expect, test } from 'vitest';

import { cancelJob, completeJob, failJob, getQueueInfo, setQueue } from '../../src/index.ts';
import { createFixture, END, FAIL } from '../fixture.ts';

test('the figures count jobs by state and queue, and workers that are there', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'elsewhere', queue: 'other' });
  await f.addWorker();
  const worker = await f.addWorker();
  const run = async () => {
    const jobId = await f.submit();
    await f.claim(worker);
    return { jobId, attempt: 1 };
  };
  await completeJob(f.db, { ...(await run()), summary: null, ...END });
  await failJob(f.db, { ...(await run()), ...FAIL, isPermanent: true });
  await failJob(f.db, { ...(await run()), ...FAIL });
  await cancelJob(f.db, { jobId: await f.submit(), reason: 'cancelled_by_owner' });
  await run();
  await f.submit();
  const oldest = await f.submit({ serviceId: 'elsewhere' });
  await f.submit({ serviceId: 'elsewhere', priority: 2 });
  await f.asOwner(`update public.automation_jobs set run_at = now() - interval '5 minutes' where id = $1`, [
    oldest,
  ]);
  const began = Date.now();
  const { countedAt, queues, ...figures } = await getQueueInfo(f.db);
  expect(figures).toEqual({
    pending: 4,
    processing: 1,
    completed: 1,
    failed: 1,
    cancelled: 1,
    activeWorkers: 2,
  });
  expect(Date.parse(countedAt)).toBeGreaterThanOrEqual(began - 1000);
  const others = { concurrencyLimit: 1, isPaused: false, oldestWaitMs: expect.any(Number) };
  expect(queues).toEqual([
    { ...others, name: 'default', pending: 2, processing: 1 },
    { ...others, name: 'other', pending: 2, processing: 0 },
  ]);
  expect(queues[1]?.oldestWaitMs).toBeGreaterThanOrEqual(300_000);
});

test('what took long to count is not counted again before twenty times as long has passed', async () => {
  await using f = await createFixture();
  await f.submit();
  const first = await getQueueInfo(f.db);
  await f.asOwner(`update gantry.job_figures set took = '1 hour'`);
  await f.submit();
  await setQueue(f.db, { name: 'default', isPaused: true });
  const second = await getQueueInfo(f.db);
  expect(second).toMatchObject({ pending: 1, countedAt: first.countedAt });
  // What an admin just did is seen at once.
  expect(second.queues[0]).toMatchObject({ isPaused: true });
  await f.asOwner(`update gantry.job_figures set counted_at = now() - interval '21 hours'`);
  expect(await getQueueInfo(f.db)).toMatchObject({ pending: 2 });
});

test('while somebody counts, others get what is known, or wait if nothing is', async () => {
  await using f = await createFixture();
  await f.submit();
  const all = await Promise.all(Array.from({ length: 10 }, () => getQueueInfo(f.db)));
  expect(all.map(({ pending }) => pending)).toEqual(Array(10).fill(1));
});
