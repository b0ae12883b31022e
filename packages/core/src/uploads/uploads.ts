import { type Db, runForOne, runQuery } from '../db/run-query.ts';

/** A file that a user has uploaded. */
export type Upload = {
  id: string;
  userId: string;
  storageKey: string;
  fileName: string;
  contentType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  rowCount: number;
};

const COLUMNS = `id, user_id as "userId", storage_key as "storageKey", file_name as "fileName",
  content_type as "contentType", size_bytes::float8 as size, sha256, row_count as "rowCount"`;

/** Records a stored and checked file. */
export function createUpload(db: Db, o: Omit<Upload, 'id'>): Promise<Upload> {
  return runForOne<Upload>(db, {
    text: `insert into public.automation_uploads
        (user_id, storage_key, file_name, content_type, size_bytes, sha256, row_count)
      values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
    values: [o.userId, o.storageKey, o.fileName, o.contentType, o.size, o.sha256, o.rowCount],
  });
}

/** Reads an upload; null if there is none that the reader may see. */
export async function getUpload(db: Db, uploadId: string): Promise<Upload | null> {
  const [upload] = await runQuery<Upload>(db, {
    text: `select ${COLUMNS} from public.automation_uploads where id = $1`,
    values: [uploadId],
  });
  return upload ?? null;
}

/** Forgets an upload that no job and no schedule uses. */
export async function deleteUpload(db: Db, uploadId: string): Promise<void> {
  await runQuery(db, { text: 'delete from public.automation_uploads where id = $1', values: [uploadId] });
}
