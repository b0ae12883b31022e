import { expect, test } from 'vitest';

import {
  claimJobs,
  completeJobs,
  type Db,
  findRunning,
  submitJobs,
  withTransaction,
} from '../../src/index.ts';
import { createFixture } from '../fixture.ts';

const MANY = 20_000;

test('claims and completions touch the jobs that they move and not the others, however many there are', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();

  await withTransaction(f.db, async (db) => {
    const moveTen = async () => {
      const jobs = await claimJobs(db, { workerId, limit: 10, leaseMs: 60_000 });
      const lost = await completeJobs(
        db,
        jobs.map(({ jobId, attempt }) => ({ jobId, attempt, summary: null, browser: {} })),
        { resultTtlMs: 60_000 },
      );
      expect(lost).toEqual([]);
      return jobs.length;
    };

    // Plans made while there is next to nothing, and kept: a prepared statement gets its lasting plan at the sixth call.
    await f.submit();
    await f.asOwner('analyze');
    for (let i = 0; i < 8; i++) {
      expect(await moveTen()).toBe(1);
      await f.submit();
    }
    await f.write(
      `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, is_ready, max_attempts, timeout_ms)
       select $1, 'a-service', 'default', now() + interval '1 day' * (n % 2), n % 2 = 0, 3, 60000 from generate_series(1, $2) n`,
      [f.user.id, MANY],
    );
    await f.write(
      `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
         finished_at, expires_at)
       select $1, 'a-service', 'default', 'cancelled', false, 3, 60000, now(), now() + interval '7 days'
       from generate_series(1, $2)`,
      [f.user.id, MANY],
    );
    const before = await rowsRead(db);
    expect(await moveTen()).toBe(10);
    expect((await rowsRead(db)) - before).toBeLessThan(200);
  });
});

/** What the statistics were taken of before many jobs became ready. */
const BEFORE: Record<string, string> = {
  'many jobs of tomorrow': `
    insert into public.automation_jobs (user_id, service_id, queue_name, run_at, is_ready, max_attempts, timeout_ms)
    select $1, 'a-service', 'default', now() + interval '1 day', false, 3, 60000 from generate_series(1, ${MANY})`,
  'a queue that was just drained': `
    insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
      finished_at, expires_at)
    select $1, 'a-service', 'default', 'completed', false, 3, 60000, now(), now() + interval '7 days'
    from generate_series(1, ${MANY})`,
};

for (const [state, fill] of Object.entries(BEFORE)) {
  test(`a claim touches the jobs that it takes and not the others, with the statistics of ${state}`, async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    const workerId = await f.addWorker();
    await f.write(fill, [f.user.id]);
    await f.asOwner('vacuum analyze public.automation_jobs');
    await f.write(
      `insert into public.automation_jobs (user_id, service_id, queue_name, max_attempts, timeout_ms)
       select $1, 'a-service', 'default', 3, 60000 from generate_series(1, $2)`,
      [f.user.id, MANY],
    );

    await withTransaction(f.db, async (db) => {
      const before = await rowsRead(db);
      const jobs = await claimJobs(db, { workerId, limit: 10, leaseMs: 60_000 });
      expect(jobs).toHaveLength(10);
      expect((await rowsRead(db)) - before).toBeLessThan(200);
    });
  });
}

test('a claim passes by some jobs that somebody holds, and then looks at the next queue', async () => {
  await using f = await createFixture();
  await f.publish({ id: 'b-service', queue: 'other' });
  await f.setLimit(null);
  const workerId = await f.addWorker({ services: ['a-service', 'b-service'] });
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 1000 }, () => job),
  );

  await withTransaction(f.db, async (holder) => {
    await holder.query('set local role postgres');
    await holder.query('select from public.automation_jobs for update');
    const jobId = await f.submit({ serviceId: 'b-service' });
    await withTransaction(f.db, async (db) => {
      const before = await rowsRead(db);
      expect(await claimJobs(db, { workerId, limit: 1, leaseMs: 60_000 })).toMatchObject([{ jobId }]);
      expect((await rowsRead(db)) - before).toBeLessThan(50_000);
    });
  });
});

test('what runs is found without reading what does not', async () => {
  await using f = await createFixture();
  const { jobId } = await f.start();
  const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
  await submitJobs(
    f.db,
    Array.from({ length: 5000 }, () => job),
  );
  await withTransaction(f.db, async (db) => {
    const before = await rowsRead(db);
    expect(await findRunning(db, 10)).toMatchObject([{ jobId }]);
    expect((await rowsRead(db)) - before).toBeLessThan(20);
  });
});

/** Rows of jobs, of the line and of what runs that the transaction has read so far. */
async function rowsRead(db: Db): Promise<number> {
  const { rows } = await db.query(
    `select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n
     from pg_stat_xact_user_tables where relname in ('automation_jobs', 'ready_jobs', 'running_jobs')`,
  );
  return rows[0].n;
}

test('jobs with tags are stored without reading the other jobs of their user, also on a table without statistics', async () => {
  await using f = await createFixture();
  const tagged = Array.from({ length: 300 }, (_, n) => ({
    userId: f.user.id,
    serviceId: 'a-service',
    input: {},
    tags: [`tag ${n}`],
  }));

  await withTransaction(f.db, async (db) => {
    await submitJobs(db, tagged);
    expect(await rowsRead(db)).toBeLessThan(20 * tagged.length);
  });
});
