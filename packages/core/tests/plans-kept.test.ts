import { expect, test } from 'vitest';

import {
  appendEvents,
  cancelJob,
  completeJob,
  type Db,
  failJob,
  heartbeat,
  releaseJob,
  rescueJobs,
  retryJob,
  submitJob,
  submitJobs,
} from '../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS } from './fixture.ts';

const MANY = 5000;

type Running = { jobId: string; attempt: number; workerId: string };

/** What is done to a job that runs. */
const ACTS: Record<string, (f: Fixture, db: Db, job: Running) => Promise<unknown>> = {
  report: (_, db, job) => appendEvents(db, { ...job, events: [{ type: 'step', data: { name: 'x' } }] }),
  heartbeat: (_, db, job) => heartbeat(db, { workerId: job.workerId, held: [job], leaseMs: 60_000 }),
  complete: (_, db, job) => completeJob(db, { ...job, summary: { a: 1 }, ...END }),
  fail: (_, db, job) => failJob(db, { ...job, ...FAIL, isPermanent: true }),
  release: (_, db, job) => releaseJob(db, { ...job, browser: {} }),
  cancel: (_, db, job) => cancelJob(db, { jobId: job.jobId, reason: 'x' }),
  retry: async (_, db, job) => {
    await failJob(db, { ...job, ...FAIL, isPermanent: true });
    await retryJob(db, { jobId: job.jobId, reason: 'x' });
  },
  rescue: async (f, db, job) => {
    await db.query(`update public.automation_jobs set lease_expires_at = now() - interval '1 s' where id = $1`, [job.jobId]);
    expect(await rescueJobs(db, { sessionGraceMs: HOUR_MS })).toHaveLength(1);
  },
  'complete one that another waits for': async (f, db, job) => {
    await submitJob(db, { userId: f.user.id, serviceId: 'a-service', input: {}, dependsOn: [{ jobId: job.jobId }] });
    await completeJob(db, { ...job, summary: null, ...END });
  },
  'fail one that another waits for': async (f, db, job) => {
    await submitJob(db, { userId: f.user.id, serviceId: 'a-service', input: {}, dependsOn: [{ jobId: job.jobId }] });
    await failJob(db, { ...job, ...FAIL, isPermanent: true });
  },
  'submit within a quota': async (f, db) => {
    await submitJobs(db, [{ userId: f.user.id, serviceId: 'a-service', input: {} }], { maxUnfinishedJobs: 1e6 });
  },
  expire: async (_, db, job) => {
    await completeJob(db, { ...job, summary: null, ...END, resultTtlMs: 0 });
    await db.query('select gantry.delete_expired_jobs($1)', [[job.jobId]]);
  },
};

for (const [name, act] of Object.entries(ACTS)) {
  test(`${name}: a plan from when there was next to nothing touches few rows when there are many`, async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    // Nobody makes new plans meanwhile.
    const tables = ['public.automation_jobs', 'public.automation_job_events', 'public.automation_job_payloads',
      'public.automation_job_dependencies', 'public.job_execution_metrics', 'gantry.ready_jobs', 'gantry.running_jobs'];
    for (const t of tables) await f.asOwner(`alter table ${t} set (autovacuum_enabled = off)`);
    const start = async () => {
      const workerId = await f.addWorker();
      await f.submit();
      const [job] = await f.claim(workerId);
      if (!job) throw new Error('x');
      return { ...job, workerId };
    };
    const db = await f.db.connect();
    try {
      await start();
      await f.asOwner('analyze');
      for (let i = 0; i < 7; i++) await act(f, db, await start());
      const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
      const ids = (await submitJobs(f.db, Array.from({ length: MANY }, () => job)));
      await submitJobs(f.db, Array.from({ length: MANY }, () => ({ ...job, runAt: new Date(Date.now() + HOUR_MS).toISOString() })));
      const running = await start();
      await db.query('begin');
      const read = async () => (await db.query(`select relname, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n
        from pg_stat_xact_user_tables where coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) > 500`)).rows;
      await act(f, db, running);
      expect(await read()).toEqual([]);
      await db.query('commit');
    } finally {
      db.release();
    }
  });
}
