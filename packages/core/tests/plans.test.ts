import { expect, test } from 'vitest';

import { claimJobs, completeJobs, submitJobs, withTransaction } from '../src/index.ts';
import { createFixture } from './fixture.ts';

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
    const rowsRead = async (): Promise<number> => {
      const { rows } = await db.query(
        `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n
         from pg_stat_xact_user_tables where relname = 'automation_jobs'`,
      );
      return rows[0].n;
    };

    // Plans made while there is next to nothing, and kept: a prepared statement gets its lasting plan at the sixth call.
    await f.asOwner('analyze public.automation_jobs');
    for (let i = 0; i < 8; i++) {
      await f.submit();
      expect(await moveTen()).toBe(1);
    }
    await f.db.query(
      `insert into public.automation_jobs (user_id, service_id, queue_name, run_at, is_ready, max_attempts, timeout_ms)
       select $1, 'a-service', 'default', now() + interval '1 day' * (n % 2), n % 2 = 0, 3, 60000 from generate_series(1, $2) n`,
      [f.user.id, MANY],
    );
    await f.db.query(
      `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
         finished_at, expires_at)
       select $1, 'a-service', 'default', 'cancelled', false, 3, 60000, now(), now() + interval '7 days'
       from generate_series(1, $2)`,
      [f.user.id, MANY],
    );
    const before = await rowsRead();
    expect(await moveTen()).toBe(10);
    expect((await rowsRead()) - before).toBeLessThan(200);
  });
});

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
    const { rows } = await db.query(
      `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n
       from pg_stat_xact_user_tables where relname = 'automation_jobs'`,
    );
    expect(rows[0].n).toBeLessThan(20 * tagged.length);
  });
});
