import { type Db, runForOne } from '../db/run-query.ts';
import { GantryError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { deleteExpired, deleteUnusedUploads } from './delete-expired.ts';

/**
 * Deletes a finished job with its files, and its upload unless another job or a schedule uses it. Its results expire
 * first, so the next round of maintenance finishes a deletion that breaks off.
 *
 * @throws {GantryError} JOB_NOT_DELETABLE
 */
export async function deleteJob(db: Db, storage: Storage, jobId: string): Promise<void> {
  const job = await runForOne<{ is_expired: boolean; upload_id: string | null; storage_keys: string[] }>(db, {
    text: 'select is_expired, upload_id, storage_keys from gantry.expire_job($1)',
    values: [jobId],
  });
  if (!job.is_expired) {
    throw new GantryError('JOB_NOT_DELETABLE');
  }
  await deleteExpired(db, storage, [{ job_id: jobId, storage_keys: job.storage_keys }]);
  if (job.upload_id !== null)
    await deleteUnusedUploads(db, storage, { olderThanMs: 0, uploadId: job.upload_id });
}
