import type { JsonValue } from '@gantry/contract';
import { type Db, runQuery } from '../db/run-query.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import type { Artifact } from '../jobs/job-results.ts';
import type { AttemptRef } from './heartbeat.ts';
import type { NewJobEvent } from './new-job-event.ts';

/** Appends events in order. A row that has an answer already is left as it is. @throws {LeaseLostError} */
export async function appendEvents(db: Db, o: AttemptRef & { events: NewJobEvent[] }): Promise<void> {
  await runQuery(db, {
    name: 'append-events',
    text: 'select gantry.append_events($1, $2, $3)',
    values: [o.jobId, o.attempt, toJsonb(o.events)],
  });
}

/**
 * Records a stored file of an attempt. Repeated with the same values it changes nothing.
 *
 * @param maxStorageBytes of all files of the job's user, this one included
 * @throws {LeaseLostError}
 * @throws {GantryError} VALUE_INVALID when the attempt has another file of this name, STORAGE_QUOTA_EXCEEDED
 */
export async function addArtifact(
  db: Db,
  a: Omit<Artifact, 'createdAt'>,
  maxStorageBytes: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await runQuery(db, {
    name: 'add-artifact',
    text: `select gantry.add_artifact($1, $2, $3, $4, $5, $6, $7, $8, $9),
      gantry.require_storage((select j.user_id from public.automation_jobs j where j.id = $1), $10, 0)`,
    values: [
      a.jobId,
      a.attempt,
      a.id,
      a.name,
      a.contentType,
      a.size,
      a.sha256,
      a.storageKey,
      a.rowIndex,
      maxStorageBytes,
    ],
  });
}

/** Keeps a small state for the next attempt. @throws {LeaseLostError} */
export async function saveCheckpoint(db: Db, o: AttemptRef & { checkpoint: JsonValue }): Promise<void> {
  await runQuery(db, {
    text: 'select gantry.save_checkpoint($1, $2, $3)',
    values: [o.jobId, o.attempt, toJsonb(o.checkpoint)],
  });
}
