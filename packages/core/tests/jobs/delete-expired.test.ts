import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  addArtifact,
  cancelJob,
  completeJob,
  createDirectoryStorage,
  createUpload,
  deleteJob,
  deleteSchedule,
  expireJobs,
  failJob,
  getJob,
  newArtifactKey,
  newUploadKey,
  retryJob,
  type Storage,
  startMaintenance,
  sweepStorage,
  withTransaction,
} from '../../src/index.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const TTL = 60_000;
const TEXT = { contentType: 'text/plain' };

async function createStoredFixture() {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-expire-'));
  const storage = createDirectoryStorage({ directory });
  const f = await createFixture();
  return {
    ...f,
    storage,
    async keys() {
      const keys: string[] = [];
      for await (const { key } of storage.list()) keys.push(key);
      return keys.toSorted();
    },
    /** Makes a stored file look as if it had been there for two days. */
    age: (key: string) => {
      const then = new Date(Date.now() - 48 * 3_600_000);
      return utimes(join(directory, key), then, then);
    },
    async addUpload(): Promise<{ id: string; key: string }> {
      const key = newUploadKey();
      const stored = await storage.put(key, Buffer.from('a,b'), TEXT);
      const { id } = await createUpload(f.db, {
        userId: f.user.id,
        storageKey: key,
        fileName: 'a.csv',
        contentType: 'text/csv',
        rowCount: 1,
        ...stored,
      });
      return { id, key };
    },
    /** A job that has ended, with a stored file. */
    async addEnded(o: { uploadId?: string; fails?: boolean } = {}): Promise<{ jobId: string; key: string }> {
      const jobId = await f.submit({ uploadId: o.uploadId });
      await f.claim(await f.addWorker());
      const id = randomUUID();
      const key = newArtifactKey({ jobId, attempt: 1, artifactId: id });
      const stored = await storage.put(key, Buffer.from('x'), TEXT);
      await addArtifact(f.db, {
        id,
        jobId,
        attempt: 1,
        name: 'results.csv',
        contentType: 'text/csv',
        storageKey: key,
        rowIndex: null,
        ...stored,
      });
      const end = { jobId, attempt: 1, resultTtlMs: TTL, browser: {} };
      if (o.fails) {
        const error = { code: 'X', message: 'x' };
        await failJob(f.db, { ...end, error, isPermanent: true, backoffMs: 1, maxBackoffMs: 1 });
      } else await completeJob(f.db, { ...end, summary: null });
      return { jobId, key };
    },
    expireNow: (jobId: string) =>
      f.write('update public.automation_jobs set expires_at = now() where id = $1', [jobId]),
    async [Symbol.asyncDispose]() {
      await f[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

test('an expired job goes with its files; one that has time left stays', async () => {
  await using f = await createStoredFixture();
  const [old, fresh] = [await f.addEnded(), await f.addEnded()];
  const running = await f.submit();
  await f.expireNow(old.jobId);
  expect(await expireJobs(f.db, f.storage)).toEqual({ jobs: 1, files: 1 });
  expect(await getJob(f.db, old.jobId)).toBeNull();
  expect(await getJob(f.db, fresh.jobId)).not.toBeNull();
  expect(await getJob(f.db, running)).not.toBeNull();
  expect(await f.keys()).toEqual([fresh.key]);
});

test('more than one batch of expired jobs goes in one call', async () => {
  await using f = await createStoredFixture();
  await f.write(
    `insert into public.automation_jobs
       (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms, finished_at, expires_at)
     select $1, 'a-service', 'default', 'cancelled', false, 3, 60000, now(), now() from generate_series(1, 250)`,
    [f.user.id],
  );
  expect(await expireJobs(f.db, f.storage)).toEqual({ jobs: 250, files: 0 });
});

/** Adds jobs that have ended and expire so long from now. */
const addMany = (f: Pick<Fixture, 'write' | 'user'>, count: number, expiresIn: string) =>
  f.write(
    `insert into public.automation_jobs (user_id, service_id, queue_name, status, is_ready, max_attempts, timeout_ms,
       finished_at, expires_at)
     select $1, 'a-service', 'default', 'completed', false, 3, 60000, now(), now() + $3::interval
     from generate_series(1, $2)`,
    [f.user.id, count, expiresIn],
  );

test('to find some that have expired, few are looked at, however many there are', async () => {
  await using f = await createStoredFixture();
  // Where they were, new ones are.
  await addMany(f, 20_000, '-1 day');
  await f.asOwner('delete from public.automation_jobs');
  await f.asOwner('vacuum analyze public.automation_jobs');
  await addMany(f, 20_000, '7 days');
  const looksAt = (limit: number) =>
    withTransaction(f.db, async (db) => {
      const { rowCount } = await db.query('select from gantry.find_expired_jobs($1)', [limit]);
      const { rows } = await db.query(
        `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as n from pg_stat_xact_user_tables
         where relname = 'automation_jobs'`,
      );
      return { found: rowCount, n: rows[0].n };
    });
  const none = await looksAt(100);
  expect(none.found).toBe(0);
  expect(none.n).toBe(0);
  await f.write(`update public.automation_jobs set expires_at = now()`);
  const some = await looksAt(100);
  expect(some.found).toBe(100);
  expect(some.n).toBeLessThan(500);
});

test('one that expires long before older ones is found at once', async () => {
  await using f = await createStoredFixture();
  await addMany(f, 6000, '7 days');
  await addMany(f, 1, '-1 day');
  expect((await expireJobs(f.db, f.storage)).jobs).toBe(1);
});

test('files go before rows: what a failure of the storage leaves is found again', async () => {
  await using f = await createStoredFixture();
  const { jobId, key } = await f.addEnded();
  await f.expireNow(jobId);
  const broken: Storage = { ...f.storage, delete: () => Promise.reject(new Error('storage is away')) };
  await expect(expireJobs(f.db, broken)).rejects.toThrow('storage is away');
  expect(await getJob(f.db, jobId)).not.toBeNull();
  expect(await f.keys()).toEqual([key]);
  expect(await expireJobs(f.db, f.storage)).toEqual({ jobs: 1, files: 1 });
  expect(await f.keys()).toEqual([]);
});

test('a finished job is deleted with its files and its upload, and nothing else', async () => {
  await using f = await createStoredFixture();
  const [own, shared] = [await f.addUpload(), await f.addUpload()];
  const [old, kept] = [await f.addEnded({ uploadId: own.id }), await f.addEnded({ uploadId: shared.id })];
  const other = await f.addEnded({ uploadId: shared.id, fails: true });
  const expired = await f.addEnded();
  await f.expireNow(expired.jobId);
  await deleteJob(f.db, f.storage, old.jobId);
  await deleteJob(f.db, f.storage, other.jobId);
  for (const { jobId } of [old, other]) expect(await getJob(f.db, jobId)).toBeNull();
  expect(await getJob(f.db, kept.jobId)).not.toBeNull();
  expect(await getJob(f.db, expired.jobId)).not.toBeNull();
  expect(await f.keys()).toEqual([kept.key, shared.key, expired.key].toSorted());
});

test('neither an unfinished job nor one that unfinished jobs run after is deleted', async () => {
  await using f = await createStoredFixture();
  const first = await f.addEnded();
  const second = await f.submit({ dependsOn: [{ jobId: first.jobId }] });
  for (const jobId of [first.jobId, second]) {
    await expect(deleteJob(f.db, f.storage, jobId)).rejects.toMatchObject({ code: 'JOB_NOT_DELETABLE' });
  }
  expect(await f.keys()).toEqual([first.key]);
  await cancelJob(f.db, { jobId: second, reason: 'cancelled_by_owner' });
  await deleteJob(f.db, f.storage, first.jobId);
  expect(await getJob(f.db, first.jobId)).toBeNull();
  expect(await f.keys()).toEqual([]);
});

test('a deletion that the storage breaks off is finished by the next round', async () => {
  await using f = await createStoredFixture();
  const { jobId } = await f.addEnded();
  const broken: Storage = { ...f.storage, delete: () => Promise.reject(new Error('storage is away')) };
  await expect(deleteJob(f.db, broken, jobId)).rejects.toThrow('storage is away');
  expect(await expireJobs(f.db, f.storage)).toEqual({ jobs: 1, files: 1 });
});

test('two that expire at once do not get in each other’s way', async () => {
  await using f = await createStoredFixture();
  for (let i = 0; i < 3; i++) await f.expireNow((await f.addEnded()).jobId);
  const done = await Promise.all([expireJobs(f.db, f.storage), expireJobs(f.db, f.storage)]);
  expect(done.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(3);
  expect(await f.keys()).toEqual([]);
});

test('a failed job whose time is over cannot be retried: its files may be gone', async () => {
  await using f = await createStoredFixture();
  const { jobId } = await f.addEnded({ fails: true });
  await f.expireNow(jobId);
  await expect(retryJob(f.db, { jobId, reason: 'retried_by_owner' })).rejects.toMatchObject({
    code: 'JOB_NOT_FOUND',
  });
});

test('a failed job that was retried in time does not expire', async () => {
  await using f = await createStoredFixture();
  const { jobId, key } = await f.addEnded({ fails: true });
  await retryJob(f.db, { jobId, reason: 'retried_by_owner' });
  expect(await getJob(f.db, jobId)).toMatchObject({ expiresAt: null });
  expect(await expireJobs(f.db, f.storage)).toEqual({ jobs: 0, files: 0 });
  expect(await f.keys()).toEqual([key]);
});

test('an upload goes when it is old and neither a job nor a schedule uses it', async () => {
  await using f = await createStoredFixture();
  const [used, fresh, orphan] = [await f.addUpload(), await f.addUpload(), await f.addUpload()];
  const scheduled = await f.addUpload();
  await f.addEnded({ uploadId: used.id });
  await f.schedule({ uploadId: scheduled.id });
  await f.db.query(
    `update public.automation_uploads set created_at = now() - interval '2 days' where id = any ($1)`,
    [[used.id, scheduled.id, orphan.id]],
  );
  for (const { key } of [used, scheduled, fresh, orphan]) await f.age(key);
  expect(await sweepStorage(f.db, f.storage)).toMatchObject({ uploads: 1 });
  const keys = await f.keys();
  expect(keys).toContain(used.key);
  expect(keys).toContain(scheduled.key);
  expect(keys).toContain(fresh.key);
  expect(keys).not.toContain(orphan.key);
});

test('the file of a schedule goes once the schedule is deleted and the last job that had it has expired', async () => {
  await using f = await createStoredFixture();
  const { id: uploadId, key } = await f.addUpload();
  const scheduleId = await f.schedule({ uploadId });
  const { jobId } = await f.addEnded({ uploadId });
  await f.db.query(`update public.automation_uploads set created_at = now() - interval '2 days'`);
  await f.age(key);

  await f.expireNow(jobId);
  await expireJobs(f.db, f.storage);
  expect(await sweepStorage(f.db, f.storage)).toMatchObject({ uploads: 0, files: 0 });
  const { jobId: next } = await f.addEnded({ uploadId });
  await deleteSchedule(f.db, scheduleId);
  expect(await sweepStorage(f.db, f.storage)).toMatchObject({ uploads: 0, files: 0 });
  expect(await f.keys()).toContain(key);

  await f.expireNow(next);
  await expireJobs(f.db, f.storage);
  expect(await sweepStorage(f.db, f.storage)).toMatchObject({ uploads: 1 });
  expect(await f.keys()).toEqual([]);
});

test('a file that no row knows goes when it is old', async () => {
  await using f = await createStoredFixture();
  const [old, fresh] = [newUploadKey(), newUploadKey()];
  for (const key of [old, fresh]) await f.storage.put(key, Buffer.from('x'), TEXT);
  const { key } = await f.addEnded();
  await f.age(old);
  await f.age(key);
  expect(await sweepStorage(f.db, f.storage)).toEqual({ uploads: 0, files: 1, workers: 0 });
  expect(await f.keys()).toEqual([fresh, key].toSorted());
});

test('a worker that ended more than a day ago is forgotten; the figures of its runs stay', async () => {
  await using f = await createStoredFixture();
  const { jobId } = await f.addEnded();
  await f.asOwner(
    `update public.automation_workers set status = 'lost', stopped_at = now() - interval '2 days'`,
  );
  expect(await sweepStorage(f.db, f.storage)).toMatchObject({ workers: 1 });
  const { rows } = await f.db.query('select outcome from public.job_execution_metrics where job_id = $1', [
    jobId,
  ]);
  expect(rows).toEqual([{ outcome: 'completed' }]);
});

test('maintenance rescues, expires and sweeps by itself, goes on after an error, and ends when it is disposed of', async () => {
  await using f = await createStoredFixture();
  const ended = await f.addEnded();
  await f.expireNow(ended.jobId);
  const orphan = newUploadKey();
  await f.storage.put(orphan, Buffer.from('x'), TEXT);
  await f.age(orphan);
  const jobId = await f.submit();
  await f.claim(await f.addWorker());
  await f.endLease(jobId);

  let failures = 1;
  const errors: unknown[] = [];
  const storage: Storage = {
    ...f.storage,
    delete: (keys) => (failures-- > 0 ? Promise.reject(new Error('away')) : f.storage.delete(keys)),
  };
  {
    await using _maintenance = startMaintenance({
      db: f.db,
      storage,
      rescueIntervalMs: 10,
      expireIntervalMs: 10,
      sweepIntervalMs: 10,
      onError: (error) => errors.push(error),
    });
    await expect.poll(() => getJob(f.db, ended.jobId)).toBeNull();
    await expect.poll(() => getJob(f.db, jobId)).toMatchObject({ status: 'pending' });
    await expect.poll(() => f.keys()).toEqual([]);
  }
  expect(errors).toEqual([new Error('away')]);
});
