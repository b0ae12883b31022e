import type { JobStatus } from '@gantry/contract';
import fc from 'fast-check';
import { expect } from 'vitest';

import {
  appendEvents,
  cancelJob,
  claimJobs,
  completeJob,
  expireJobs,
  failJob,
  freeSlot,
  heartbeat,
  releaseJob,
  rescueJobs,
  retryJob,
  type Storage,
  setQueue,
  stopWorker,
} from '../../../src/index.ts';
import { type Fixture, HOUR_MS } from '../../fixture.ts';
import { compare } from './compare.ts';
import { HOURS, type ModelJob, type QueueModel } from './queue-model.ts';

/** The queue itself, as the commands meet it. */
export type Real = { f: Fixture; storage: Storage };
export type QueueCommand = fc.AsyncCommand<QueueModel, Real>;

const resultTtlMs = HOURS.resultTtl * HOUR_MS;
const END = { resultTtlMs, browser: {} };
/** Chance takes up to a quarter off: this is over after one hour, and not before. */
const BACKOFF = { backoffMs: 0.9 * HOUR_MS, maxBackoffMs: 0.9 * HOUR_MS };
const FAIL = { ...END, ...BACKOFF, error: { code: 'BROKEN', message: 'It broke.' } };

function command(
  name: string,
  run: (model: QueueModel, real: Real) => Promise<void>,
  check: (model: Readonly<QueueModel>) => boolean = () => true,
): QueueCommand {
  return {
    check,
    async run(model, real) {
      await run(model, real);
      await compare(model, real.f);
    },
    toString: () => name,
  };
}

/** A command on one job: mostly one in the state that it is meant for, sometimes any. */
function onJob(
  name: string,
  meantFor: JobStatus,
  run: (job: ModelJob, model: QueueModel, real: Real) => Promise<void>,
): fc.Arbitrary<QueueCommand> {
  return fc.nat(99).map((pick) => {
    const among = ({ jobs }: Readonly<QueueModel>) =>
      pick % 8 === 0 ? jobs : jobs.filter((job) => job.status === meantFor);
    return command(
      `${name}(${pick})`,
      async (model, real) => {
        const jobs = among(model);
        const job = jobs[pick % jobs.length];
        if (job) await run(job, model, real);
      },
      (model) => among(model).length > 0,
    );
  });
}

/** What an attempt does: it succeeds while the attempt holds the job, and is refused otherwise. */
function byWorker(
  name: string,
  write: (f: Fixture, attempt: { jobId: string; attempt: number }) => Promise<unknown>,
  succeed: (job: ModelJob, model: QueueModel) => void,
): fc.Arbitrary<QueueCommand> {
  return fc.nat(3).chain((n) => {
    const isStale = n === 0;
    return onJob(isStale ? `stale ${name}` : name, 'processing', async (job, model, { f }) => {
      const done = write(f, { jobId: job.id, attempt: isStale ? job.attempt - 1 : job.attempt });
      if (isStale || !model.holds(job)) {
        await expect(done).rejects.toMatchObject({ code: 'LEASE_LOST' });
      } else {
        await done;
        succeed(job, model);
      }
    });
  });
}

const submitTo = (queue: string, priority: number, isLater: boolean) =>
  command(`submit(${queue}, ${priority}${isLater ? ', later' : ''})`, async (model, { f }) => {
    const runAt = model.now + (isLater ? HOURS.later : 0);
    const id = await f.submit({
      serviceId: queue,
      priority,
      runAt: isLater ? new Date(Date.now() + runAt * HOUR_MS).toISOString() : undefined,
    });
    model.jobs.push({
      id,
      queue,
      status: 'pending',
      priority,
      rank: model.rankOf(runAt, priority),
      isReady: !isLater,
      runAt,
      attempt: 0,
      used: 0,
      losses: 0,
      runsAlone: false,
      workerId: null,
      leaseUntil: 0,
      expiresAt: 0,
      events: 1,
    });
  });

const submit = fc
  .record({ priority: fc.nat(2), isLater: fc.boolean(), queue: fc.constantFrom('default', 'other') })
  .map(({ priority, isLater, queue }) => submitTo(queue, priority, isLater));

const claimBy = (who: number, limit: number) =>
  command(`claim(${who}, ${limit})`, async (model, { f }) => {
    const worker = model.workers[who];
    if (!worker) return;
    const queues = worker.queues && [...worker.queues];
    const leaseMs = HOURS.lease * HOUR_MS;
    const claimed = await claimJobs(f.db, { workerId: worker.id, limit, leaseMs, queues });
    expect(claimed.map(({ jobId }) => jobId)).toEqual(model.claim(worker, limit));
  });

const claim = fc
  .record({ who: fc.nat(2), limit: fc.integer({ min: 1, max: 3 }) })
  .map(({ who, limit }) => claimBy(who, limit));

/** How every run begins: with jobs that run side by side, and with others that wait. */
export const opening = [
  ...['default', 'other', 'other', 'default', 'default', 'other'].map((queue) => submitTo(queue, 1, false)),
  claimBy(0, 3),
];

const beat = fc.nat(2).map((who) =>
  command(`heartbeat(${who})`, async (model, { f }) => {
    const worker = model.workers[who];
    if (!worker) return;
    const held = model.jobs.map(({ id, attempt }) => ({ jobId: id, attempt }));
    const lost = await heartbeat(f.db, { workerId: worker.id, held, leaseMs: HOURS.lease * HOUR_MS });
    const isRenewed = (job: ModelJob) => model.holds(job) && job.workerId === worker.id;
    const expected = model.jobs.filter((job) => !isRenewed(job)).map(({ id }) => id);
    expect(lost.map(({ jobId }) => jobId).toSorted()).toEqual(expected.toSorted());
    for (const job of model.jobs) if (isRenewed(job)) job.leaseUntil = model.now + HOURS.lease;
  }),
);

/** The worker ends, well or badly, and a new one takes its place. */
const leave = fc.record({ who: fc.nat(2), fate: fc.constantFrom('died', 'stopped') }).map(({ who, fate }) =>
  command(`${fate}(${who})`, async (model, { f }) => {
    const worker = model.workers[who];
    if (!worker) return;
    if (fate === 'stopped') await stopWorker(f.db, worker.id);
    else await f.silence(worker.id);
    model.workers[who] = { ...worker, id: await f.addWorker({ services: [...worker.services] }) };
    worker.fate = fate;
    model.workers.push(worker);
  }),
);

const govern = fc
  .record({
    queue: fc.constantFrom('default', 'other'),
    to: fc.constantFrom<(number | null | 'pause')[]>(0, 1, 2, 3, null, 'pause'),
  })
  .map(({ queue, to }) =>
    command(`${to === 'pause' ? 'pause or resume' : `limit ${to}`}(${queue})`, async (model, { f }) => {
      if (to !== 'pause') {
        await setQueue(f.db, { name: queue, concurrencyLimit: to });
        model.limits[queue] = to;
      } else {
        const isPaused = !model.paused.delete(queue);
        if (isPaused) model.paused.add(queue);
        await setQueue(f.db, { name: queue, isPaused });
      }
    }),
  );

const timePasses = command('an hour passes', async (model, { f }) => {
  model.now += 1;
  await f.setClock(model.now * HOUR_MS);
});

const rescue = command('rescue', async (model, { f }) => {
  // Only whom the test has silenced is dead, whatever the clock says.
  const never = { sessionGraceMs: f.SILENCE_MS - HOUR_MS, stuckAfterMs: f.SILENCE_MS - HOUR_MS };
  await rescueJobs(f.db, { ...never, resultTtlMs });
  model.rescue();
});

const expire = command('expire', async (model, { f, storage }) => {
  await expireJobs(f.db, storage);
  model.expire();
});

/** All that may happen to the queue, the usual more often than the rest. */
export const commands = [
  ...Array.from({ length: 4 }, () => submit),
  ...Array.from({ length: 6 }, () => claim),
  ...Array.from({ length: 2 }, () => beat),
  leave,
  govern,
  ...Array.from({ length: 2 }, () => fc.constant(timePasses)),
  ...Array.from({ length: 2 }, () => fc.constant(rescue)),
  fc.constant(expire),
  byWorker(
    'report',
    (f, a) => appendEvents(f.db, { ...a, events: [{ type: 'step', data: { name: 'x' } }] }),
    (job) => {
      job.events += 1;
    },
  ),
  byWorker(
    'complete',
    (f, a) => completeJob(f.db, { ...a, ...END, summary: null }),
    (job, model) => model.end(job, 'completed'),
  ),
  byWorker(
    'fail',
    (f, a) => failJob(f.db, { ...a, ...FAIL, isPermanent: false }),
    (job, model) =>
      model.hasAttemptsLeft(job) ? model.requeue(job, model.now + HOURS.backoff) : model.end(job, 'failed'),
  ),
  byWorker(
    'fail for good',
    (f, a) => failJob(f.db, { ...a, ...FAIL, isPermanent: true }),
    (job, model) => model.end(job, 'failed'),
  ),
  byWorker(
    'release',
    (f, a) => releaseJob(f.db, { ...a, browser: {} }),
    (job, model) => {
      model.requeue(job, model.now);
      job.isReady = true;
      job.used -= 1;
    },
  ),
  onJob('cancel', 'processing', async (job, model, { f }) => {
    const done = cancelJob(f.db, { jobId: job.id, reason: 'cancelled_by_owner', resultTtlMs });
    if (job.status === 'completed' || job.status === 'failed') {
      await expect(done).rejects.toMatchObject({ code: 'JOB_ALREADY_FINISHED' });
      return;
    }
    await done;
    if (job.status === 'cancelled') return;
    if (job.status === 'processing') {
      // Its browser may be alive for as long as its lease would have been.
      const { id, attempt, queue, leaseUntil } = job;
      model.lingering.push({ jobId: id, attempt, queue, until: leaseUntil });
    }
    model.end(job, 'cancelled');
  }),
  onJob('browser gone', 'cancelled', async (job, model, { f }) => {
    await freeSlot(f.db, { jobId: job.id, attempt: job.attempt });
    model.lingering = model.lingering.filter((l) => l.jobId !== job.id || l.attempt !== job.attempt);
  }),
  onJob('retry', 'failed', async (job, model, { f }) => {
    const done = retryJob(f.db, { jobId: job.id, reason: 'retried_by_owner' });
    const isFinished = job.status !== 'pending' && job.status !== 'processing';
    if (isFinished && job.expiresAt <= model.now) {
      await expect(done).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    } else if (job.status !== 'failed') {
      await expect(done).rejects.toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
    } else {
      await done;
      model.requeue(job, model.now);
      Object.assign(job, { isReady: true, used: 0, losses: 0, rank: model.rankOf(model.now, job.priority) });
    }
  }),
];
