import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  appendEvents,
  cancelJob,
  completeJob,
  failJob,
  freeSlot,
  type JobStatus,
  releaseJob,
  rescueJobs,
  retryJob,
  setQueue,
} from '../src/index.ts';
import { createFixture, END, FAIL, type Fixture } from './fixture.ts';

const MAX_ATTEMPTS = 2;

/** What a job should look like. `hasSlot` outlives a cancelled attempt until its browser is gone. */
type ModelJob = {
  id: string;
  status: JobStatus;
  priority: number;
  isReady: boolean;
  attempt: number;
  used: number;
  hasLease: boolean;
  hasSlot: boolean;
  events: number;
};
type Model = {
  jobs: ModelJob[];
  limit: number;
  /** The ids in the order of their age: a job retried by hand is as young as a new one. */
  ages: string[];
  /** Jobs that were submitted for later are younger than all others. */
  later: Set<string>;
};
type Real = { f: Fixture; workerId: string };
type Command = fc.AsyncCommand<Model, Real>;

/** A command on one job: mostly one in the state that it is meant for, sometimes any. */
function onJob(
  name: string,
  meantFor: JobStatus,
  run: (job: ModelJob, model: Model, real: Real) => Promise<void>,
): fc.Arbitrary<Command> {
  return fc.nat(99).map((pick) => {
    const among = ({ jobs }: Readonly<Model>) =>
      pick % 8 === 0 ? jobs : jobs.filter((job) => job.status === meantFor);
    return {
      check: (model) => among(model).length > 0,
      async run(model, real) {
        const jobs = among(model);
        const job = jobs[pick % jobs.length];
        if (job) await run(job, model, real);
        await compare(model, real);
      },
      toString: () => `${name}(${pick})`,
    };
  });
}

/** What an attempt does: it succeeds while the attempt holds the job, and is refused otherwise. */
function byWorker(
  name: string,
  write: (f: Fixture, attempt: { jobId: string; attempt: number }) => Promise<unknown>,
  succeed: (job: ModelJob) => void,
): fc.Arbitrary<Command> {
  return fc
    .integer({ min: 0, max: 3 })
    .map((n) => n === 0)
    .chain((isStale) =>
      onJob(isStale ? `stale ${name}` : name, 'processing', async (job, _model, { f }) => {
        const done = write(f, { jobId: job.id, attempt: isStale ? job.attempt - 1 : job.attempt });
        if (isStale || job.status !== 'processing' || !job.hasLease) {
          await expect(done).rejects.toMatchObject({ code: 'LEASE_LOST' });
        } else {
          await done;
          job.events += 1;
          succeed(job);
        }
      }),
    );
}

const end = (job: ModelJob, status: JobStatus) =>
  Object.assign(job, { status, hasLease: false, hasSlot: false, isReady: false });

const submit = fc.record({ priority: fc.nat(2), isLater: fc.boolean() }).map(
  ({ priority, isLater }): Command => ({
    check: () => true,
    async run(model, real) {
      const runAt = isLater ? new Date(Date.now() + 3_600_000).toISOString() : undefined;
      const id = await real.f.submit({ priority, runAt });
      model.ages.push(id);
      if (isLater) model.later.add(id);
      model.jobs.push({
        id,
        priority,
        status: 'pending',
        isReady: !isLater,
        attempt: 0,
        used: 0,
        hasLease: false,
        hasSlot: false,
        events: 1,
      });
      await compare(model, real);
    },
    toString: () => `submit(${priority}${isLater ? ', later' : ''})`,
  }),
);

const claim = fc.integer({ min: 1, max: 3 }).map(
  (limit): Command => ({
    check: () => true,
    async run(model, real) {
      const expected = model.jobs
        .filter((job) => job.isReady)
        .toSorted(
          (a, b) =>
            Number(model.later.has(a.id)) - Number(model.later.has(b.id)) ||
            b.priority - a.priority ||
            model.ages.indexOf(a.id) - model.ages.indexOf(b.id),
        )
        .slice(0, Math.max(0, Math.min(limit, model.limit - model.jobs.filter((job) => job.hasSlot).length)));
      const claimed = await real.f.claim(real.workerId, { limit });
      expect(claimed.map((job) => job.jobId)).toEqual(expected.map((job) => job.id));
      for (const job of expected) {
        Object.assign(job, { status: 'processing', isReady: false, hasLease: true, hasSlot: true });
        job.attempt += 1;
        job.used += 1;
        job.events += 1;
      }
      await compare(model, real);
    },
    toString: () => `claim(${limit})`,
  }),
);

const changeLimit = fc.nat(3).map(
  (limit): Command => ({
    check: () => true,
    async run(model, real) {
      await setQueue(real.f.db, { name: 'default', concurrencyLimit: limit });
      model.limit = limit;
      await compare(model, real);
    },
    toString: () => `limit(${limit})`,
  }),
);

const rescue = fc.constant<Command>({
  check: () => true,
  async run(model, real) {
    await rescueJobs(real.f.db, { sessionGraceMs: 3_600_000 });
    for (const job of model.jobs) {
      if (job.status !== 'processing' || job.hasLease) continue;
      const mayRunAgain = job.used < MAX_ATTEMPTS;
      end(job, mayRunAgain ? 'pending' : 'failed').isReady = mayRunAgain;
      job.events += 1;
    }
    await compare(model, real);
  },
  toString: () => 'rescue',
});

const commands = [
  ...Array.from({ length: 4 }, () => submit),
  ...Array.from({ length: 6 }, () => claim),
  changeLimit,
  rescue,
  byWorker(
    'report',
    (f, a) => appendEvents(f.db, { ...a, events: [{ type: 'step', data: { name: 'x' } }] }),
    () => {},
  ),
  byWorker(
    'complete',
    (f, a) => completeJob(f.db, { ...a, ...END, summary: null }),
    (job) => end(job, 'completed'),
  ),
  byWorker(
    'fail',
    (f, a) => failJob(f.db, { ...a, ...FAIL, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 }),
    (job) => end(job, job.used < MAX_ATTEMPTS ? 'pending' : 'failed'),
  ),
  byWorker(
    'fail for good',
    (f, a) => failJob(f.db, { ...a, ...FAIL, isPermanent: true }),
    (job) => end(job, 'failed'),
  ),
  byWorker(
    'release',
    (f, a) => releaseJob(f.db, { ...a, browser: {} }),
    (job) => {
      end(job, 'pending');
      job.isReady = true;
      job.used -= 1;
    },
  ),
  onJob('lease ends', 'processing', async (job, _model, { f }) => {
    if (job.status !== 'processing') return;
    await f.endLease(job.id);
    job.hasLease = false;
  }),
  onJob('time comes', 'pending', async (job, _model, { f }) => {
    if (job.status !== 'pending') return;
    await f.db.query('update public.automation_jobs set run_at = now(), is_ready = true where id = $1', [
      job.id,
    ]);
    job.isReady = true;
  }),
  onJob('cancel', 'processing', async (job, _model, { f }) => {
    const done = cancelJob(f.db, { jobId: job.id, reason: 'cancelled by owner' });
    if (job.status === 'completed' || job.status === 'failed') {
      await expect(done).rejects.toMatchObject({ code: 'JOB_ALREADY_FINISHED' });
      return;
    }
    await done;
    if (job.status === 'cancelled') return;
    // Its browser may be alive for as long as its lease would have been.
    const { hasLease } = job;
    end(job, 'cancelled').hasSlot = hasLease;
    job.events += 1;
  }),
  onJob('browser gone', 'cancelled', async (job, _model, { f }) => {
    await freeSlot(f.db, { jobId: job.id, attempt: job.attempt });
    if (job.status !== 'processing') job.hasSlot = false;
  }),
  onJob('retry', 'failed', async (job, model, { f }) => {
    const done = retryJob(f.db, { jobId: job.id, reason: 'retried by owner' });
    if (job.status !== 'failed') {
      await expect(done).rejects.toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
      return;
    }
    await done;
    Object.assign(job, { status: 'pending', isReady: true, used: 0 });
    job.events += 1;
    model.ages = [...model.ages.filter((id) => id !== job.id), job.id];
    model.later.delete(job.id);
  }),
];

async function compare(model: Model, { f }: Real): Promise<void> {
  const { rows } = await f.db.query(
    `select
       coalesce((
         select jsonb_agg(jsonb_build_object('id', j.id, 'status', j.status, 'priority', j.priority, 'isReady', j.is_ready,
           'attempt', j.attempt, 'used', j.attempts_used, 'hasLease', coalesce(j.lease_expires_at > now(), false),
           'hasSlot', j.status = 'processing' or exists (
             select from gantry.lingering_attempts l where l.job_id = j.id and l.held_until > now()),
           'events', j.event_seq,
           'seqs', (select jsonb_agg(e.seq order by e.seq) from public.automation_job_events e where e.job_id = j.id)
         ) order by j.seq) from public.automation_jobs j), '[]') as jobs`,
  );
  expect(rows[0]).toEqual({
    jobs: model.jobs.map((job) => ({
      ...job,
      seqs: Array.from({ length: job.events }, (_, i) => i + 1),
    })),
  });
}

test('whatever happens in whatever order, the queue does what a simple model of it does', async () => {
  await using f = await createFixture();
  await f.publish({ maxAttempts: MAX_ATTEMPTS });
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (run) => {
      await f.db.query('delete from public.automation_jobs');
      await f.db.query('delete from gantry.lingering_attempts');
      await f.setLimit(2);
      const workerId = await f.addWorker();
      await fc.asyncModelRun(
        () => ({ model: { jobs: [], limit: 2, ages: [], later: new Set<string>() }, real: { f, workerId } }),
        run,
      );
    }),
    { numRuns: 100 },
  );
}, 240_000);
