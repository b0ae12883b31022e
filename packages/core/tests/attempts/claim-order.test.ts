import { expect, test } from 'vitest';

import { completeJob } from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

/** Claims jobs one at a time and completes each before the next: one worker, one job at a time. */
async function runOneByOne(f: Fixture): Promise<string[]> {
  const workerId = await f.addWorker();
  const order: string[] = [];
  for (;;) {
    const [job] = await f.claim(workerId);
    if (!job) return order;
    order.push(job.jobId);
    await completeJob(f.db, { jobId: job.jobId, attempt: job.attempt, summary: null, ...END });
  }
}

/** Makes a job as old as if it had been submitted so long ago. */
const age = (f: Fixture, jobId: string, minutes: number) =>
  f.write(
    `update public.automation_jobs set rank = rank - make_interval(mins => $2), run_at = run_at - make_interval(mins => $2) where id = $1`,
    [jobId, minutes],
  );

test('one worker takes jobs by priority, then in turns of their users, then by age', async () => {
  await using f = await createFixture();
  const other = await f.database.createUser();
  const first = await f.submit();
  const second = await f.submit();
  const third = await f.submit({ userId: other.id });
  const urgent = await f.submit({ priority: 2, userId: other.id });
  const high = await f.submit({ priority: 1 });
  expect(await runOneByOne(f)).toEqual([urgent, high, third, first, second]);
});

test('a job that has waited longer than the head start of a priority goes before it', async () => {
  await using f = await createFixture();
  const old = await f.submit();
  const older = await f.submit();
  await age(f, old, 16);
  await age(f, older, 31);
  const urgent = await f.submit({ priority: 2 });
  const high = await f.submit({ priority: 1 });
  expect(await runOneByOne(f)).toEqual([older, urgent, old, high]);
});

test('the head start of a queue can be changed, and counts for what is submitted from then on', async () => {
  await using f = await createFixture();
  await f.db.query(`update public.automation_queues set priority_head_start_ms = 0`);
  const normal = await f.submit();
  const urgent = await f.submit({ priority: 2 });
  expect(await runOneByOne(f)).toEqual([normal, urgent]);
});

test('a retried job keeps its age, one that is scheduled gets it when its time comes', async () => {
  await using f = await createFixture();
  const scheduled = await f.submit({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
  const now = await f.submit();
  await f.asOwner(`update public.automation_jobs set run_at = now() where id = $1`, [scheduled]);
  expect(await runOneByOne(f)).toEqual([now, scheduled]);
});

test('the many jobs of one user leave room for the one of another as soon as a slot is free', async () => {
  await using f = await createFixture();
  await f.setLimit(3);
  const other = await f.database.createUser();
  const workerId = await f.addWorker();
  for (let i = 0; i < 20; i++) await f.submit();
  const [running] = await f.claim(workerId, { limit: 2 });
  const single = await f.submit({ userId: other.id });
  expect((await f.claim(workerId, { limit: 3 })).map((job) => job.jobId)).toEqual([single]);
  expect(running?.userId).toBe(f.user.id);
});

test('slots are shared between the users who wait', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const users = [f.user, ...(await Promise.all([f.database.createUser(), f.database.createUser()]))];
  for (const user of users) for (let i = 0; i < 10; i++) await f.submit({ userId: user.id });
  const workerId = await f.addWorker();
  const claimed = await f.claim(workerId, { limit: 6 });
  for (const user of users) expect(claimed.filter((job) => job.userId === user.id)).toHaveLength(2);
});

test('with more users than one claim looks at, the oldest job still goes first and nobody is left out', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const { rows: users } = await f.asOwner(
    `insert into auth.users (id, email, encrypted_password)
     select gen_random_uuid(), 'u' || n || '@example.com', 'x' from generate_series(1, 150) n returning id`,
  );
  const first = await f.submit({ userId: users[0].id });
  for (const user of users.slice(1)) await f.submit({ userId: user.id });
  const workerId = await f.addWorker();
  const [head] = await f.claim(workerId);
  expect(head?.jobId).toBe(first);
  const rest = await f.claim(workerId, { limit: 200 });
  expect(rest).toHaveLength(149);
});
