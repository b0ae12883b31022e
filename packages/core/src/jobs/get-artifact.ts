import { type Db, runQuery } from '../db/run-query.ts';
import type { Artifact } from './job-results.ts';

/** Columns of an {@link Artifact}; the first of each name, in the order given. */
export const SELECT_ARTIFACT = `
  select distinct on (name) id, job_id, attempt, name, content_type, size_bytes, sha256, storage_key, row_index, created_at
  from public.automation_job_artifacts`;

/** A row of {@link SELECT_ARTIFACT}. */
export type ArtifactRow = {
  id: string;
  job_id: string;
  attempt: number;
  name: string;
  content_type: string;
  size_bytes: string;
  sha256: string;
  storage_key: string;
  row_index: number | null;
  created_at: Date;
};

/** The value of a row. */
export function toArtifact(row: ArtifactRow): Artifact {
  return {
    id: row.id,
    jobId: row.job_id,
    attempt: row.attempt,
    name: row.name,
    contentType: row.content_type,
    size: Number(row.size_bytes),
    sha256: row.sha256,
    storageKey: row.storage_key,
    rowIndex: row.row_index,
    createdAt: row.created_at.toISOString(),
  };
}

/** Reads an artifact; null if there is none that the reader may see. */
export async function getArtifact(db: Db, artifactId: string): Promise<Artifact | null> {
  const [row] = await runQuery<ArtifactRow>(db, {
    text: `${SELECT_ARTIFACT} where id = $1`,
    values: [artifactId],
  });
  return row ? toArtifact(row) : null;
}
