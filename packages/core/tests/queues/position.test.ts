import { expect, test } from 'vitest';

import { completeJob, estimateWait, setQueue, withTransaction } from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

/** Puts so many ready jobs in front of everything that is submitted. */
const fill = (f: Fixture, jobs: number) =>
  f.write(
    `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, rank, max_attempts, timeout_ms)
     select $1, 'a-service', 'default', now() - interval '1 day', now() - interval '1 day', 3, 60000
     from generate_series(1, $2)`,
    [f.user.id, jobs],
  );

const positionOf = async (f: Fixture, jobId: string) => (await estimateWait(f.db, jobId)).queuePosition;

test('with one job at a time, positions are the order in which jobs are claimed', async () => {
  await using f = await createFixture();
  const workerId = await f.addWorker();
  const other = await f.database.createUser();
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    ids.push(await f.submit({ priority: i % 3, userId: i % 2 ? f.user.id : other.id }));
  }
  const positions = await Promise.all(ids.map((id) => positionOf(f, id)));
  const claimed: string[] = [];
  for (;;) {
    const [job] = await f.claim(workerId);
    if (!job) break;
    claimed.push(job.jobId);
    await completeJob(f.db, { jobId: job.jobId, attempt: 1, summary: null, ...END });
  }
  expect(positions).toEqual(ids.map((id) => claimed.indexOf(id) + 1));
});

test('where users take turns, positions are the order in which free slots would be given', async () => {
  await using f = await createFixture();
  await f.setLimit(100);
  const users = [f.user, ...(await Promise.all([1, 2, 3].map(() => f.database.createUser())))];
  // The first user has submitted most, and has two running.
  const ids: string[] = [];
  for (const [n, user] of users.entries()) {
    for (let i = 0; i < 8 - 2 * n; i++) ids.push(await f.submit({ userId: user.id, priority: i % 2 }));
  }
  const workers = await Promise.all([f.addWorker(), f.addWorker()]);
  await f.claim(workers[0] ?? '', { limit: 2 });
  const waiting = (
    await f.db.query(`select id from public.automation_jobs where is_ready order by rank, seq`)
  ).rows.map(({ id }) => id);
  const positions = await Promise.all(waiting.map((id) => positionOf(f, id)));
  const claimed: (string | undefined)[] = [];
  for (const _ of waiting) claimed.push((await f.claim(workers[1] ?? ''))[0]?.jobId);
  expect(positions).toEqual(waiting.map((id) => claimed.indexOf(id) + 1));
});

test('up to 5,000 jobs ahead are counted exactly, of more it is said that there are more', async () => {
  await using f = await createFixture();
  await f.addWorker();
  await fill(f, 4_999);
  const exact = [await f.submit(), await f.submit()];
  const beyond = await f.submit();
  expect(await estimateWait(f.db, exact[0] ?? '')).toMatchObject({
    queuePosition: 5_000,
    wait: { code: 'ahead', count: 4_999 },
  });
  const last = await estimateWait(f.db, exact[1] ?? '');
  expect(last).toMatchObject({ queuePosition: 5_001, wait: { code: 'ahead', count: 5_000 } });
  expect(last.estimatedWaitRange?.p90Ms).toBeGreaterThan(0);
  const { estimatedWaitRange, ...bound } = await estimateWait(f.db, beyond);
  expect(bound).toMatchObject({ queuePosition: 5_001, wait: { code: 'more_ahead', count: 5_000 } });
  expect(estimatedWaitRange).toEqual({ p50Ms: bound.estimatedWaitTime, p90Ms: null });
});

test('however many jobs there are, an estimate reads so many rows and no table in full', async () => {
  await using f = await createFixture();
  await f.addWorker();
  // Plans made while there is next to nothing, and kept.
  await f.asOwner('analyze');
  await withTransaction(f.db, async (db) => {
    const rowsRead = async (): Promise<number> => {
      const { rows } = await db.query(
        `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n from pg_stat_xact_user_tables
         where relname in ('automation_jobs', 'job_execution_metrics')`,
      );
      return rows[0].n;
    };
    for (const limit of [1, 4]) {
      await setQueue(f.db, { name: 'default', concurrencyLimit: limit });
      const first = await f.submit();
      for (let i = 0; i < 8; i++) await estimateWait(db, first);
    }
    await fill(f, 25_000);
    await f.write(
      `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
         finished_at, expires_at)
       select $1, 'a-service', 'default', 'cancelled', false, 3, 60000, now(), now() + interval '7 days'
       from generate_series(1, 25000)`,
      [f.user.id],
    );
    await f.asOwner(
      `insert into public.job_execution_metrics (job_id, attempt, service_id, outcome, queue_wait_ms, run_ms)
       select id, 1, service_id, 'completed', 1, 1000 from public.automation_jobs`,
    );
    const last = await f.submit();
    for (const limit of [1, 4]) {
      await setQueue(f.db, { name: 'default', concurrencyLimit: limit });
      const before = await rowsRead();
      expect(await estimateWait(db, last)).toMatchObject({ wait: { code: 'more_ahead', count: 5_000 } });
      expect((await rowsRead()) - before).toBeLessThan(7_000);
    }
    // Once the pages are known to hold nothing old, the count does without the rows as well.
    await f.asOwner('vacuum public.automation_jobs');
    const before = await rowsRead();
    await estimateWait(db, last);
    expect((await rowsRead()) - before).toBeLessThan(1_000);
  });
});
