import { expect, test } from 'vitest';

import {
  completeJob,
  drainWorker,
  findSuspects,
  getJob,
  rescueJobs,
  retryJob,
  stopWorker,
  submitJobs,
} from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

/** Lets a worker claim up to so many jobs, and die with all that it runs. */
async function dieWith(f: Fixture, limit: number): Promise<void> {
  const workerId = await f.addWorker();
  await f.claim(workerId, { limit });
  await f.asOwner(
    `update public.automation_workers set session_lost_at = now() - interval '1 minute',
       heartbeat_at = now() - interval '2 minutes' where id = $1`,
    [workerId],
  );
  await rescueJobs(f.db);
}

test('a job that kills its worker three times has failed, and says so', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: 10 });
  const jobId = await f.submit();
  for (const [status, attemptsUsed] of [
    ['pending', 1],
    ['pending', 2],
    ['failed', 3],
  ] as const) {
    await dieWith(f, 1);
    expect(await getJob(f.db, jobId)).toMatchObject({ status, attemptsUsed });
  }
  expect((await getJob(f.db, jobId))?.error).toEqual({
    code: 'WORKER_LOST',
    message: expect.stringContaining('died or stopped answering 3 times'),
  });
});

test('jobs that were beside another one lose no attempt, but run alone from then on', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: 1 });
  await f.setLimit(null);
  const jobIds = [await f.submit(), await f.submit(), await f.submit()];
  const bystander = await f.submit();
  expect(await findSuspects(f.db, [...jobIds, bystander])).toEqual([]);

  await dieWith(f, 3);

  for (const jobId of jobIds)
    expect(await getJob(f.db, jobId)).toMatchObject({ status: 'pending', attemptsUsed: 0, attempt: 1 });
  expect((await findSuspects(f.db, [...jobIds, bystander])).toSorted()).toEqual(jobIds.toSorted());
});

test('a loss in company does not count towards the three', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const poison = await f.submit();
  await f.submit();
  await dieWith(f, 2);
  for (let time = 0; time < 3; time++) {
    expect((await getJob(f.db, poison))?.status).toBe('pending');
    await dieWith(f, 1);
  }
  expect(await getJob(f.db, poison)).toMatchObject({ status: 'failed', attempt: 4, attemptsUsed: 3 });
});

test('nobody is blamed for a loss in company, however many there were', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 101 }, () => job),
  );
  await dieWith(f, 101);
  await rescueJobs(f.db);
  const { rows } = await f.db.query(
    `select status, attempts_used as used, losses, count(*)::integer as jobs from public.automation_jobs group by 1, 2, 3`,
  );
  expect(rows).toEqual([{ status: 'pending', used: 0, losses: 0, jobs: 101 }]);
});

test('what a worker that stopped in good order could not give back is neither burned nor suspected', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: 1 });
  const workerId = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(workerId);
  await drainWorker(f.db, workerId);
  await stopWorker(f.db, workerId);

  await rescueJobs(f.db);

  expect(await getJob(f.db, jobId)).toMatchObject({ status: 'pending', attemptsUsed: 0 });
  expect(await findSuspects(f.db, [jobId])).toEqual([]);
});

test('retried by hand, a job that killed its worker has all its attempts again, and still runs alone', async () => {
  await using f = await createFixture();
  const jobId = await f.submit();
  for (let time = 0; time < 3; time++) await dieWith(f, 1);
  await retryJob(f.db, { jobId, reason: 'retried_by_owner' });
  expect(await findSuspects(f.db, [jobId])).toEqual([jobId]);

  for (let time = 0; time < 2; time++) await dieWith(f, 1);
  const workerId = await f.addWorker();
  const [again] = await f.claim(workerId);
  expect(again).toMatchObject({ jobId, attempt: 6, attemptsUsed: 3 });
  await completeJob(f.db, { jobId, attempt: 6, summary: null, ...END });
  expect((await getJob(f.db, jobId))?.status).toBe('completed');
});
