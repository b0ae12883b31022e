import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnFailure } from '@gantry/contract';

import { describe, expect, test } from 'vitest';

import {
  cancelJob,
  completeJob,
  completeJobs,
  createDirectoryStorage,
  expireJobs,
  failJob,
  type GantryError,
  getJob,
  getJobDependencies,
  getJobEvents,
  retryJob,
  submitJobs,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, HOUR_MS } from '../fixture.ts';

const PERMANENT = { ...FAIL, isPermanent: true };

/** Submits a job that runs after others. */
const submitAfter = (f: Fixture, jobIds: string[], onFailure?: OnFailure): Promise<string> =>
  f.submit({ dependsOn: jobIds.map((jobId) => ({ jobId, onFailure })) });

/** Starts every job that can run now. */
const startAll = async (f: Fixture) => f.claim(await f.addWorker(), { limit: 1000 });

const finish = {
  complete: (f: Fixture, jobId: string) => completeJob(f.db, { jobId, attempt: 1, summary: null, ...END }),
  fail: (f: Fixture, jobId: string) => failJob(f.db, { jobId, attempt: 1, ...PERMANENT }),
  cancel: (f: Fixture, jobId: string) => cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' }),
};

const statusOf = async (f: Fixture, jobId: string) => (await getJob(f.db, jobId))?.status;

/** What must hold whenever nothing is under way: the count is that of the open edges, and only what waits has any. */
async function expectCountsRight(f: Fixture): Promise<void> {
  const { rows } = await f.db.query(
    `select j.id, j.status, j.blocked_by, j.is_ready, count(d.job_id)::integer as open
     from public.automation_jobs j
     left join public.automation_job_dependencies d on d.job_id = j.id and d.is_open group by j.id
     having j.blocked_by <> count(d.job_id) or (count(d.job_id) > 0 and (j.status <> 'pending' or j.is_ready))`,
  );
  expect(rows).toEqual([]);
}

test('a job waits until all that it runs after have completed, and is in line then', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const [a, b] = [await f.submit(), await f.submit()];
  const job = await submitAfter(f, [a, b]);
  expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 2 });
  expect((await startAll(f)).map(({ jobId }) => jobId)).toEqual([a, b]);
  await finish.complete(f, a);
  expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 1 });
  expect(await startAll(f)).toEqual([]);
  await using heard = await f.listen('gantry_jobs');
  await finish.complete(f, b);
  await expect.poll(() => heard.payloads).toContain('default');
  expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 0 });
  expect(await startAll(f)).toMatchObject([{ jobId: job, attempt: 1 }]);
  await expectCountsRight(f);
});

test('what it waits for and what waits for it can be told', async () => {
  await using f = await createFixture();
  const a = await f.submit();
  const b = await submitAfter(f, [a], 'run');
  const c = await submitAfter(f, [a]);
  const linked = {
    serviceId: 'a-service',
    serviceName: 'A service',
    fileName: null,
    status: 'pending',
    isOpen: true,
  };
  expect(await getJobDependencies(f.db, a)).toEqual({
    dependsOn: [],
    dependents: [
      { ...linked, jobId: b, onFailure: 'run' },
      { ...linked, jobId: c, onFailure: 'fail' },
    ],
  });
  expect(await getJobDependencies(f.db, b)).toEqual({
    dependsOn: [{ ...linked, jobId: a, onFailure: 'run' }],
    dependents: [],
  });
});

test('one that is also scheduled runs when both the others and the time are there', async () => {
  await using f = await createFixture();
  const { jobId: a } = await f.start();
  const runAt = new Date(Date.now() + HOUR_MS).toISOString();
  const job = await f.submit({ dependsOn: [{ jobId: a }], runAt });
  await f.setClock(2 * HOUR_MS);
  expect(await startAll(f)).toEqual([]);
  await f.setClock(0);
  // A lease that has come back from the future still holds.
  await finish.complete(f, a);
  expect(await startAll(f)).toEqual([]);
  await f.setClock(2 * HOUR_MS);
  expect(await startAll(f)).toMatchObject([{ jobId: job }]);
});

describe.each(['fail', 'cancel'] as const)('when a job is made to %s,', (end) => {
  test.each([
    ['fail', { status: 'failed', error: { code: 'DEPENDENCY_FAILED' } }],
    ['cancel', { status: 'cancelled', error: { code: 'DEPENDENCY_FAILED' } }],
    ['run', { status: 'pending', blockedBy: 0, error: null }],
  ] as const)('one that runs after it is to %s', async (onFailure, expected) => {
    await using f = await createFixture();
    const { jobId: a } = await f.start();
    const job = await submitAfter(f, [a], onFailure);
    await finish[end](f, a);
    expect(await getJob(f.db, job)).toMatchObject(expected);
    await expectCountsRight(f);
  });
});

test('a retry of an attempt is no failure', async () => {
  await using f = await createFixture();
  const { jobId: a, attempt } = await f.start();
  const job = await submitAfter(f, [a]);
  await failJob(f.db, { jobId: a, attempt, ...FAIL });
  expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 1 });
});

test('a failure goes down the chain, each link as it chose, and is told once of each', async () => {
  await using f = await createFixture();
  const { jobId: a } = await f.start();
  const b = await submitAfter(f, [a]);
  const c = await submitAfter(f, [b], 'cancel');
  const d = await submitAfter(f, [c], 'run');
  const e = await submitAfter(f, [d]);
  await finish.fail(f, a);
  expect(await getJob(f.db, b)).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining(a) },
  });
  expect(await getJob(f.db, c)).toMatchObject({
    status: 'cancelled',
    error: { message: expect.stringContaining(b) },
  });
  expect(await getJob(f.db, d)).toMatchObject({ status: 'pending', blockedBy: 0 });
  expect(await getJob(f.db, e)).toMatchObject({ status: 'pending', blockedBy: 1 });
  expect(await getJobEvents(f.db, { jobId: c, afterSeq: 1, limit: 10 })).toMatchObject([
    { seq: 2, data: { from: 'pending', to: 'cancelled', cause: { code: 'dependency_failed', jobId: b } } },
  ]);
  await expectCountsRight(f);
});

test('a chain may be long', async () => {
  await using f = await createFixture();
  const { jobId: first } = await f.start();
  let last = first;
  for (let i = 0; i < 300; i++) last = await submitAfter(f, [last]);
  await finish.fail(f, first);
  expect(await statusOf(f, last)).toBe('failed');
  await expectCountsRight(f);
});

test('of several reasons to end, to fail goes before to be cancelled', async () => {
  await using f = await createFixture();
  const { jobId: a } = await f.start();
  const b = await submitAfter(f, [a]);
  const job = await f.submit({
    dependsOn: [
      { jobId: a, onFailure: 'cancel' },
      { jobId: b, onFailure: 'fail' },
    ],
  });
  await finish.cancel(f, a);
  expect(await statusOf(f, job)).toBe('failed');
});

test('a job that is cancelled while it waits stays cancelled, whatever becomes of the others', async () => {
  await using f = await createFixture();
  const { jobId: a } = await f.start();
  const job = await submitAfter(f, [a]);
  await finish.cancel(f, job);
  await finish.complete(f, a);
  expect(await getJob(f.db, job)).toMatchObject({ status: 'cancelled', blockedBy: 0 });
  await expectCountsRight(f);
});

describe('a job that is submitted after the others have ended', () => {
  test('is in line at once when they completed', async () => {
    await using f = await createFixture();
    const { jobId: a } = await f.start();
    await finish.complete(f, a);
    const job = await submitAfter(f, [a]);
    expect(await startAll(f)).toMatchObject([{ jobId: job }]);
  });

  test('ends as it would have if it had been there before', async () => {
    await using f = await createFixture();
    const { jobId: a } = await f.start();
    await finish.fail(f, a);
    expect(await statusOf(f, await submitAfter(f, [a]))).toBe('failed');
    // The second time the job knows already that others depend on it.
    expect(await statusOf(f, await submitAfter(f, [a], 'cancel'))).toBe('cancelled');
    expect(await statusOf(f, await submitAfter(f, [a], 'run'))).toBe('pending');
    await expectCountsRight(f);
  });
});

describe('refused, and nothing of it is left:', () => {
  test('a job that is not there, not the user’s, or expired', async () => {
    await using f = await createFixture();
    const { jobId: old } = await f.start();
    await completeJob(f.db, { jobId: old, attempt: 1, summary: null, ...END, resultTtlMs: 0 });
    const other = await f.database.createUser();
    const theirs = await f.submit({ userId: other.id });
    const own = await f.submit();
    for (const jobId of [randomUUID(), theirs, old]) {
      await expect(submitAfter(f, [own, jobId]), jobId).rejects.toMatchObject({
        code: 'DEPENDENCY_NOT_FOUND',
      });
    }
    await expect(f.submit({ dependsOn: [{ jobId: 'job-7' }] })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    expect((await f.db.query('select from public.automation_jobs')).rowCount).toBe(3);
    expect(await getJobDependencies(f.db, own)).toEqual({ dependsOn: [], dependents: [] });
  });

  test('only what is wrong of many', async () => {
    await using f = await createFixture();
    const a = await f.submit();
    const job = { userId: f.user.id, serviceId: 'a-service', input: {} };
    const outcomes = await submitJobs(f.db, [
      { ...job, dependsOn: [{ jobId: randomUUID() }] },
      { ...job, dependsOn: [{ jobId: a }, { jobId: a, onFailure: 'run' }] },
      { ...job, serviceId: 'unknown', dependsOn: [{ jobId: a }] },
      job,
    ]);
    expect(outcomes).toMatchObject([
      { code: 'DEPENDENCY_NOT_FOUND' },
      { isNew: true },
      { code: 'SERVICE_NOT_FOUND' },
      { isNew: true },
    ]);
    expect((await getJobDependencies(f.db, a)).dependents).toHaveLength(1);
    await expectCountsRight(f);
  });
});

test('a repeated submission returns the first job, with the dependencies that it had', async () => {
  await using f = await createFixture();
  const a = await f.submit();
  const keyed = { idempotencyKey: 'k', payloadSha256: 'a'.repeat(64), dependsOn: [{ jobId: a }] };
  const job = await f.submit(keyed);
  expect(await f.submit(keyed)).toBe(job);
  expect(await getJob(f.db, job)).toMatchObject({ blockedBy: 1 });
});

describe('a failed job that is retried', () => {
  test('does not bring back those that failed because of it: each is retried by itself, and waits again', async () => {
    await using f = await createFixture();
    const { jobId: a } = await f.start();
    const job = await submitAfter(f, [a]);
    await finish.fail(f, a);
    await expect(retryJob(f.db, { jobId: job, reason: 'retried_by_owner' })).rejects.toMatchObject({
      code: 'DEPENDENCY_UNMET',
    });
    await retryJob(f.db, { jobId: a, reason: 'retried_by_owner' });
    expect(await statusOf(f, job)).toBe('failed');
    await retryJob(f.db, { jobId: job, reason: 'retried_by_owner' });
    expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 1 });
    expect(await startAll(f)).toMatchObject([{ jobId: a, attempt: 2 }]);
    await completeJob(f.db, { jobId: a, attempt: 2, summary: null, ...END });
    expect(await startAll(f)).toMatchObject([{ jobId: job, attempt: 1 }]);
    await expectCountsRight(f);
  });

  test('runs when what it needs has completed, or need not have', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    const { jobId: a } = await f.start();
    const job = await submitAfter(f, [a], 'run');
    await finish.cancel(f, a);
    await startAll(f);
    await finish.fail(f, job);
    await retryJob(f.db, { jobId: job, reason: 'retried_by_owner' });
    expect(await getJob(f.db, job)).toMatchObject({ status: 'pending', blockedBy: 0 });
  });
});

describe('what a job found', () => {
  const hasExpired = async (f: Fixture, jobId: string) => {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'gantry-'));
    stack.defer(() => rm(directory, { recursive: true }));
    await expireJobs(f.db, createDirectoryStorage({ directory }));
    return (await getJob(f.db, jobId)) === null;
  };

  test('stays until those that run after it have run', async () => {
    await using f = await createFixture();
    const [a, b] = [(await f.start()).jobId, await f.submit()];
    const job = await submitAfter(f, [a, b]);
    await finish.complete(f, a);
    await f.setClock(2 * HOUR_MS);
    expect(await hasExpired(f, a)).toBe(false);
    await startAll(f);
    await finish.complete(f, b);
    await startAll(f);
    expect(await hasExpired(f, a)).toBe(false);
    await finish.complete(f, job);
    expect(await hasExpired(f, a)).toBe(true);
    expect(await getJobDependencies(f.db, job)).toMatchObject({ dependsOn: [{ jobId: b }] });
  });

  test('stays while one that failed after it can be retried', async () => {
    await using f = await createFixture();
    const a = (await f.start()).jobId;
    const job = await submitAfter(f, [a]);
    await finish.complete(f, a);
    await startAll(f);
    await f.setClock(END.resultTtlMs / 2);
    await failJob(f.db, { jobId: job, attempt: 1, ...PERMANENT });
    await f.setClock(END.resultTtlMs * 1.2);
    expect(await hasExpired(f, a)).toBe(false);
    await f.setClock(END.resultTtlMs * 2);
    expect(await hasExpired(f, a)).toBe(true);
  });
});

describe('at the same moment', () => {
  test('twenty jobs complete that one waits for: it runs once, after all of them', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    for (let round = 0; round < 5; round++) {
      const parents = await Promise.all(Array.from({ length: 20 }, () => f.submit()));
      const children = await Promise.all(Array.from({ length: 3 }, () => submitAfter(f, parents.toSorted())));
      await startAll(f);
      await Promise.all(parents.map((jobId) => finish.complete(f, jobId)));
      expect((await startAll(f)).map(({ jobId }) => jobId).toSorted()).toEqual(children.toSorted());
      await expectCountsRight(f);
      await Promise.all(children.map((jobId) => finish.complete(f, jobId)));
    }
  });

  test('ends of all kinds over a tangle of jobs wait for each other and never for ever', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    for (let round = 0; round < 10; round++) {
      const roots = await Promise.all(Array.from({ length: 12 }, () => f.submit()));
      const before = [...roots];
      for (let n = 0; n < 24; n++) {
        const after = [n * 7, n * 5 + 3, n * 3 + 1].map((at) => before[at % before.length] ?? '');
        before.push(await submitAfter(f, [...new Set(after)], (['fail', 'cancel', 'run'] as const)[n % 3]));
      }
      await startAll(f);
      const ends = roots.map((jobId, n) => {
        if (n % 4 === 0) return finish.fail(f, jobId);
        if (n % 4 === 1) return finish.cancel(f, jobId);
        if (n % 4 === 2) return finish.complete(f, jobId);
        return completeJobs(f.db, [{ jobId, attempt: 1, summary: null, browser: {} }], {
          resultTtlMs: 60_000,
        });
      });
      const others = [
        ...before.slice(-6).map((jobId) => finish.cancel(f, jobId).catch(ignoreFinished)),
        ...roots.slice(0, 6).map((jobId) => submitAfter(f, [jobId])),
      ];
      await Promise.all([...ends, ...others]);
      await expectCountsRight(f);
      // What still waits does so for something that runs in the end.
      for (let jobs = await startAll(f); jobs.length > 0; jobs = await startAll(f)) {
        await Promise.all(jobs.map(({ jobId }) => finish.complete(f, jobId)));
      }
      const left = await f.db.query('select from public.automation_jobs where finished_at is null');
      expect(left.rowCount).toBe(0);
    }
  });

  test('one is retried and the other ends: it waits for nothing that is over', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    for (let round = 0; round < 20; round++) {
      const a = await f.submit();
      const job = await submitAfter(f, [a]);
      await startAll(f);
      await finish.fail(f, a);
      await retryJob(f.db, { jobId: a, reason: 'retried_by_owner' });
      await startAll(f);
      const end =
        round % 2 === 0 ? cancelJob(f.db, { jobId: a, reason: 'cancelled_by_owner' }) : completeSecond(f, a);
      const [retried] = await Promise.allSettled([
        retryJob(f.db, { jobId: job, reason: 'retried_by_owner' }),
        end,
      ]);
      await expectCountsRight(f);
      expect(await getJob(f.db, job)).toMatchObject(
        round % 2 === 1 ? { status: 'pending', blockedBy: 0 } : { status: 'failed' },
      );
      if (round % 2 === 1) expect(retried).toMatchObject({ status: 'fulfilled' });
      for (const { jobId } of await startAll(f)) await finish.complete(f, jobId);
    }
  });
});

const completeSecond = (f: Fixture, jobId: string) =>
  completeJob(f.db, { jobId, attempt: 2, summary: null, ...END });

function ignoreFinished(error: GantryError): void {
  expect(error.code).toBe('JOB_ALREADY_FINISHED');
}
