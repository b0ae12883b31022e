import { type Db, runForOne, runQuery } from '../db/run-query.ts';
import { DEFAULTS } from '../settings.ts';
import type { Storage } from '../storage/storage.ts';

const BATCH = 100;

/**
 * Deletes finished jobs whose results have had their time: files first, rows after, so that a crash between leaves
 * work to repeat and nothing forgotten.
 *
 * @returns how many jobs and files went
 */
export async function expireJobs(db: Db, storage: Storage): Promise<{ jobs: number; files: number }> {
  const total = { jobs: 0, files: 0 };
  for (;;) {
    const expired = await runQuery<ExpiredJob>(db, {
      text: 'select job_id, storage_keys from gantry.find_expired_jobs($1)',
      values: [BATCH],
    });
    if (expired.length === 0) return total;
    const deleted = await deleteExpired(db, storage, expired);
    total.jobs += deleted.jobs;
    total.files += deleted.files;
    if (deleted.jobs === 0) return total;
  }
}

type ExpiredJob = { job_id: string; storage_keys: string[] };

/** Deletes the files of expired jobs, then the jobs. */
export async function deleteExpired(db: Db, storage: Storage, expired: ExpiredJob[]) {
  const keys = expired.flatMap((job) => job.storage_keys);
  await storage.delete(keys);
  const { count } = await runForOne<{ count: number }>(db, {
    text: 'select gantry.delete_expired_jobs($1) as count',
    values: [expired.map((job) => job.job_id)],
  });
  return { jobs: count, files: keys.length };
}

/**
 * Deletes uploads that no job and no schedule uses, files that no row knows, and workers that ended long ago.
 *
 * @returns how many of each went
 */
export async function sweepStorage(
  db: Db,
  storage: Storage,
  olderThanMs: number = DEFAULTS.orphanAgeMs,
): Promise<{ uploads: number; files: number; workers: number }> {
  const uploads = await deleteUnusedUploads(db, storage, { olderThanMs });

  let files = 0;
  let batch: string[] = [];
  const flush = async () => {
    const unknown = await runQuery<{ key: string }>(db, {
      text: `select key from unnest($1::text[]) key
        where not exists (select from public.automation_uploads u where u.storage_key = key)
          and not exists (select from public.automation_job_artifacts a where a.storage_key = key)`,
      values: [batch],
    });
    await storage.delete(unknown.map((row) => row.key));
    files += unknown.length;
    batch = [];
  };
  const newest = Date.now() - olderThanMs;
  for await (const object of storage.list()) {
    if (object.createdAt.getTime() < newest) batch.push(object.key);
    if (batch.length === 500) await flush();
  }
  if (batch.length > 0) await flush();

  const workers = await runQuery(db, {
    text: `delete from public.automation_workers w
      where w.stopped_at < gantry.clock() - interval '1 day'
        and not exists (
          select from gantry.running_jobs r join public.automation_jobs j on j.id = r.job_id where j.worker_id = w.id)
      returning id`,
  });
  return { uploads, files, workers: workers.length };
}

/**
 * Deletes uploads, or only the one given, that no job and no schedule uses.
 *
 * @returns how many were deleted
 */
export async function deleteUnusedUploads(
  db: Db,
  storage: Storage,
  o: { olderThanMs: number; uploadId?: string },
): Promise<number> {
  const uploads = await runQuery<{ storage_key: string }>(db, {
    // One that a submission holds at this moment is about to be used.
    text: `delete from public.automation_uploads where id in (
        select u.id from public.automation_uploads u
        where u.created_at < gantry.clock() - gantry.milliseconds($1) and ($2::uuid is null or u.id = $2)
          and not exists (select from public.automation_jobs j where j.upload_id = u.id)
          and not exists (select from public.automation_schedules s where s.upload_id = u.id)
        for update skip locked)
      returning storage_key`,
    values: [o.olderThanMs, o.uploadId ?? null],
  });
  await storage.delete(uploads.map((upload) => upload.storage_key));
  return uploads.length;
}
