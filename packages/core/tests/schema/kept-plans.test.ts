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
  submitJobs,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS } from '../fixture.ts';

const MANY = 5000;
const PERMANENT = { ...FAIL, isPermanent: true };

type Running = { jobId: string; attempt: number; workerId: string };

/** What may become of a job that runs. */
const ACTS: Record<string, (f: Fixture, db: Db, job: Running) => Promise<unknown>> = {
  report: (_, db, job) => appendEvents(db, { ...job, events: [{ type: 'step', data: { name: 'x' } }] }),
  heartbeat: (_, db, job) => heartbeat(db, { workerId: job.workerId, held: [job], leaseMs: 60_000 }),
  complete: (_, db, job) => completeJob(db, { ...job, summary: {}, ...END }),
  fail: (_, db, job) => failJob(db, { ...job, ...PERMANENT }),
  release: (_, db, job) => releaseJob(db, { ...job, browser: {} }),
  cancel: (_, db, { jobId }) => cancelJob(db, { jobId, reason: 'cancelled_by_owner' }),
  'fail and retry': async (_, db, job) => {
    await failJob(db, { ...job, ...PERMANENT });
    await retryJob(db, { jobId: job.jobId, reason: 'retried_by_owner' });
  },
  rescue: async (f, db, { jobId }) => {
    await f.asOwner(`update public.automation_jobs set lease_expires_at = '-infinity' where id = $1`, [
      jobId,
    ]);
    expect(await rescueJobs(db, { sessionGraceMs: HOUR_MS })).toHaveLength(1);
  },
  'complete what another waits for': async (f, db, job) => {
    await submitJobs(db, [{ ...newJob(f), dependsOn: [job] }]);
    await completeJob(db, { ...job, summary: {}, ...END });
  },
  'fail what another waits for': async (f, db, job) => {
    await submitJobs(db, [{ ...newJob(f), dependsOn: [job] }]);
    await failJob(db, { ...job, ...PERMANENT });
  },
  'fail and retry with what waits for it': async (f, db, job) => {
    const [next] = await submitJobs(db, [{ ...newJob(f), dependsOn: [job] }]);
    if (!next || !('jobId' in next)) throw new Error('It can be submitted.');
    await failJob(db, { ...job, ...PERMANENT });
    for (const { jobId } of [job, next]) await retryJob(db, { jobId, reason: 'retried_by_owner' });
  },
  'submit within a quota': (f, db) => submitJobs(db, [newJob(f)], { maxUnfinishedJobs: 1_000_000 }),
  'complete and expire': async (_, db, job) => {
    await completeJob(db, { ...job, summary: {}, ...END, resultTtlMs: 0 });
    await db.query('select gantry.delete_expired_jobs($1)', [[job.jobId]]);
  },
};

test.for(Object.entries(ACTS))(
  '%s: with a plan from when there was next to nothing, touches few rows when there are many',
  async ([, act]) => {
    await using f = await createFixture();
    await f.setLimit(null);
    await keepPlans(f);
    const db = await f.db.connect();
    try {
      await start(f);
      await f.asOwner('analyze');
      // A statement gets its lasting plan at the sixth call.
      for (let i = 0; i < 7; i++) await act(f, db, await start(f));
      const runAt = new Date(Date.now() + HOUR_MS).toISOString();
      for (const o of [{}, { runAt }])
        await submitJobs(
          f.db,
          Array.from({ length: MANY }, () => ({ ...newJob(f), ...o })),
        );
      const job = await start(f);
      await db.query('begin');
      await act(f, db, job);
      const { rows } = await db.query(
        `select relname as table, seq_tup_read as "inTurn", idx_tup_fetch as "byIndex" from pg_stat_xact_user_tables
         where coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) > 500`,
      );
      expect(rows).toEqual([]);
      await db.query('commit');
    } finally {
      db.release();
    }
  },
);

const newJob = (f: Fixture) => ({ userId: f.user.id, serviceId: 'a-service', input: {} });

async function start(f: Fixture): Promise<Running> {
  const workerId = await f.addWorker();
  await f.submit();
  const [job] = await f.claim(workerId);
  if (!job) throw new Error('There is a job to claim.');
  return { jobId: job.jobId, attempt: job.attempt, workerId };
}

/** Nobody takes new statistics of the queue by himself, which would make new plans. */
async function keepPlans(f: Fixture): Promise<void> {
  const { rows } = await f.db.query<{ table: string }>(
    `select oid::regclass::text as table from pg_class
     where relkind = 'r' and relnamespace in ('public'::regnamespace, 'gantry'::regnamespace)`,
  );
  for (const { table } of rows) await f.asOwner(`alter table ${table} set (autovacuum_enabled = off)`);
}
