import { type Automation, AutomationError } from '@gantry/automations';
import type { ClaimedJob } from '@gantry/core';
import type { Sheet } from '@gantry/sheet';

import type { WorkerDeps } from '../worker-deps.ts';

/**
 * Reads a job's file; null for a job without one. It was checked when it was submitted, but by the description of that
 * time. A thread reads it, so that heartbeats go out meanwhile.
 *
 * @param signal ends the reading with the run
 * @throws {SheetError} @throws {AutomationError} FILE_MISSING @throws {GantryError} STORAGE_OBJECT_MISSING
 */
export async function readInputFile(
  { storage, sheets }: Pick<WorkerDeps, 'storage' | 'sheets'>,
  { automation, job, signal }: { automation: Automation; job: ClaimedJob; signal: AbortSignal },
): Promise<Sheet | null> {
  if (!automation.file) return null;
  if (!job.file) {
    if (!automation.file.required) return null;
    throw new AutomationError('FILE_MISSING', 'This service needs a file. Submit the job with one.', {
      isPermanent: true,
    });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of await storage.get(job.file.storageKey)) chunks.push(chunk);
  return sheets.read(Buffer.concat(chunks), automation.file, { user: job.userId, signal });
}
