import { type Db, runForOne } from './run-query.ts';

/** Tells whether the database takes writes. After a failover it may be one that can only be read. @throws {GantryError} DATABASE_UNAVAILABLE */
export async function canWrite(db: Db): Promise<boolean> {
  const { isWritable } = await runForOne<{ isWritable: boolean }>(db, {
    text: `select not pg_is_in_recovery() and not current_setting('transaction_read_only')::boolean as "isWritable"`,
  });
  return isWritable;
}
