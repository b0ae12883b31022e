import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  addArtifact,
  completeJob,
  createDirectoryStorage,
  createUpload,
  deleteUpload,
  expireJobs,
  getStorageUsage,
  newUploadKey,
  requireStorage,
  sweepStorage,
  withTransaction,
} from '../../src/index.ts';
import { createFixture, END, type Fixture } from '../fixture.ts';

const REFUSED = { code: 'STORAGE_QUOTA_EXCEEDED', message: expect.stringContaining('after a day') };

const upload = (f: Fixture, size: number, maxBytes = 1e9) =>
  withTransaction(f.db, async (db) => {
    const { id } = await createUpload(db, {
      userId: f.user.id,
      storageKey: newUploadKey(),
      fileName: 'a.csv',
      contentType: 'text/csv',
      size,
      sha256: 'a'.repeat(64),
      rowCount: 1,
    });
    await requireStorage(db, { userId: f.user.id, maxBytes });
    return id;
  });
const artifact = (job: { jobId: string; attempt: number }, size: number) => ({
  ...job,
  id: randomUUID(),
  name: randomUUID(),
  contentType: 'text/plain',
  size,
  sha256: 'b'.repeat(64),
  storageKey: newUploadKey(),
  rowIndex: null,
});
const startWith = async (f: Fixture, uploadId: string) => {
  await f.submit({ uploadId });
  const [job] = await f.claim(await f.addWorker());
  if (!job) throw new Error('There is a job to claim.');
  return job;
};
/** What the count should be. */
const stored = async (f: Fixture) =>
  Number(
    (
      await f.db.query(
        `select coalesce(sum(size_bytes), 0) as bytes from (
           select size_bytes from public.automation_uploads union all
           select size_bytes from public.automation_job_artifacts) f`,
      )
    ).rows[0].bytes,
  );

test('of many uploads at once as many are stored as there is room for, and not one more', async () => {
  await using f = await createFixture();
  const results = await Promise.allSettled(Array.from({ length: 30 }, () => upload(f, 100, 1_050)));
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refusals).toHaveLength(20);
  for (const refusal of refusals) expect(refusal).toMatchObject(REFUSED);
  expect(await getStorageUsage(f.db, f.user.id)).toBe(1_000);
  expect(await stored(f)).toBe(1_000);
  await upload(f, 50, 1_050);
  await expect(
    requireStorage(f.db, { userId: f.user.id, maxBytes: 1_050, moreBytes: 1 }),
  ).rejects.toMatchObject(REFUSED);
});

test('files of jobs count, and what is deleted, swept or has expired is given back', async () => {
  await using f = await createFixture();
  const directory = await mkdtemp(join(tmpdir(), 'gantry-files-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true }));
  const storage = createDirectoryStorage({ directory });
  const kept = await upload(f, 100);
  await deleteUpload(f.db, await upload(f, 30));
  const { jobId, attempt } = await startWith(f, kept);
  await addArtifact(f.db, artifact({ jobId, attempt }, 500), 700);
  await expect(addArtifact(f.db, artifact({ jobId, attempt }, 200), 700)).rejects.toMatchObject(REFUSED);
  // The answer to the first call was lost: it counts once.
  const again = artifact({ jobId, attempt }, 50);
  for (const _ of [1, 2]) await addArtifact(f.db, again);
  expect(await getStorageUsage(f.db, f.user.id)).toBe(650);

  await expect(
    withTransaction(f.db, async (db) => {
      await db.query('set local role postgres');
      await db.query('delete from public.automation_jobs');
      throw new Error('broken off');
    }),
  ).rejects.toThrow('broken off');
  expect(await getStorageUsage(f.db, f.user.id)).toBe(650);

  await completeJob(f.db, { jobId, attempt, summary: null, ...END, resultTtlMs: 0 });
  await expireJobs(f.db, storage);
  expect(await getStorageUsage(f.db, f.user.id)).toBe(100);
  await sweepStorage(f.db, storage, 0);
  expect(await getStorageUsage(f.db, f.user.id)).toBe(0);
  expect(await stored(f)).toBe(0);
});

test('an account is deleted with all its files', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await startWith(f, await upload(f, 100));
  await addArtifact(f.db, artifact({ jobId, attempt }, 500));
  await f.asOwner('delete from auth.users where id = $1', [f.user.id]);
  expect((await f.db.query('select from gantry.storage_usage')).rowCount).toBe(0);
});
