import { expect, test } from 'vitest';

import { cancelJob, completeJob, GantryError, type NewJob, submitJob, submitJobs } from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

const jobOf = (f: Fixture, o: Partial<NewJob> = {}): NewJob => ({
  userId: f.user.id,
  serviceId: 'a-service',
  input: {},
  ...o,
});
const submitWithin = (f: Fixture, maxUnfinishedJobs: number, o: Partial<NewJob> = {}) =>
  submitJob(f.db, jobOf(f, o), { maxUnfinishedJobs });
const countJobs = async (f: Fixture) => (await f.db.query('select from public.automation_jobs')).rowCount;
const refused = { code: 'QUOTA_EXCEEDED' };

test('a user may have so many unfinished jobs, whatever they wait for, and another as many', async () => {
  await using f = await createFixture();
  const { jobId } = await submitWithin(f, 5);
  await f.claim(await f.addWorker());
  await submitWithin(f, 5, { runAt: '2999-01-01T00:00:00Z' });
  await submitWithin(f, 5, { dependsOn: [{ jobId }] });
  await submitWithin(f, 5);
  await submitWithin(f, 5);
  await expect(submitWithin(f, 5)).rejects.toMatchObject(refused);
  const other = await f.database.createUser();
  await submitWithin(f, 5, { userId: other.id });
});

test('what has finished makes room', async () => {
  await using f = await createFixture();
  const { jobId } = await submitWithin(f, 2);
  const { jobId: second } = await submitWithin(f, 2);
  await expect(submitWithin(f, 2)).rejects.toMatchObject(refused);
  await f.claim(await f.addWorker());
  await completeJob(f.db, { jobId, attempt: 1, summary: null, ...END });
  await cancelJob(f.db, { jobId: second, reason: 'cancelled_by_owner' });
  await submitWithin(f, 2);
  await submitWithin(f, 2);
  await expect(submitWithin(f, 2)).rejects.toMatchObject(refused);
});

test('of many, the first are submitted until there is no room', async () => {
  await using f = await createFixture();
  const outcomes = await submitJobs(
    f.db,
    Array.from({ length: 5 }, (_, n) => jobOf(f, { input: { n } })),
    { maxUnfinishedJobs: 3 },
  );
  const isNew = { isNew: true };
  expect(outcomes).toMatchObject([isNew, isNew, isNew, refused, refused]);
});

test('a repeated submission makes no job, so it is never one too many', async () => {
  await using f = await createFixture();
  const keyed = (key: string) => ({ idempotencyKey: key, payloadSha256: 'a'.repeat(64) });
  const { jobId } = await submitWithin(f, 1, keyed('k'));
  expect(await submitWithin(f, 1, keyed('k'))).toEqual({ jobId, isNew: false });
  await expect(submitWithin(f, 1, keyed('other'))).rejects.toMatchObject(refused);
});

test('another limit holds at once', async () => {
  await using f = await createFixture();
  await submitWithin(f, 100);
  await submitWithin(f, 100);
  await expect(submitWithin(f, 2)).rejects.toMatchObject(refused);
  await submitWithin(f, 3);
});

test('twenty connections that submit at once get exactly as many jobs as there is room for', async () => {
  await using f = await createFixture();
  for (const size of [1, 7]) {
    const max = ((await countJobs(f)) ?? 0) + 50;
    const results = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const outcomes: (boolean | string)[] = [];
        for (let i = 0; i < 8; i++) {
          const jobs = Array.from({ length: size }, () => jobOf(f));
          for (const outcome of await submitJobs(f.db, jobs, { maxUnfinishedJobs: max })) {
            outcomes.push(outcome instanceof GantryError ? outcome.code : outcome.isNew);
          }
        }
        return outcomes;
      }),
    );
    const outcomes = results.flat();
    expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(50);
    expect(new Set(outcomes)).toEqual(new Set([true, 'QUOTA_EXCEEDED']));
    expect(await countJobs(f)).toBe(max);
  }
});

test('the jobs of a user are not counted for each submission', async () => {
  await using f = await createFixture();
  const submit = (n: number) =>
    submitJobs(
      f.db,
      Array.from({ length: n }, () => jobOf(f)),
      { maxUnfinishedJobs: 10_000 },
    );
  for (let i = 0; i < 5; i++) await submit(1000);
  const client = await f.db.connect();
  try {
    await client.query('begin');
    for (let i = 0; i < 20; i++) await submitJob(client, jobOf(f), { maxUnfinishedJobs: 10_000 });
    const { rows } = await client.query(
      `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n
       from pg_stat_xact_user_tables where relname = 'automation_jobs'`,
    );
    expect(rows[0].n).toBeLessThan(1000);
    await client.query('rollback');
  } finally {
    client.release();
  }
});
