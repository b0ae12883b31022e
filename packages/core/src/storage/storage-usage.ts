import { type Db, runForOne, runQuery } from '../db/run-query.ts';

/**
 * Refuses when a user stores more than `maxBytes`, or would with `moreBytes` more. Called last in the transaction that
 * stores something, it holds exactly, whatever else is stored for the user at the same time.
 *
 * @throws {GantryError} STORAGE_QUOTA_EXCEEDED
 */
export async function requireStorage(
  db: Db,
  o: { userId: string; maxBytes: number; moreBytes?: number },
): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.require_storage($1, $2, $3)',
    values: [o.userId, o.maxBytes, o.moreBytes ?? 0],
  });
}

/** Bytes that a user stores: uploads, results, evidence and traces. */
export async function getStorageUsage(db: Db, userId: string): Promise<number> {
  const { bytes } = await runForOne<{ bytes: number }>(db, {
    text: 'select coalesce((select s.bytes from gantry.storage_usage s where s.user_id = $1), 0)::float8 as bytes',
    values: [userId],
  });
  return bytes;
}
