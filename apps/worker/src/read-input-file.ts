import { type Automation, AutomationError } from '@gantry/automations';
import type { ClaimedJob } from '@gantry/core';
import { readSheet, type Sheet } from '@gantry/sheet';

import type { WorkerDeps } from './worker-deps.ts';

/**
 * Reads a job's file; null for a job without one. It was checked when it was submitted, but by the description of that
 * time.
 *
 * @throws {SheetError} @throws {AutomationError} FILE_MISSING @throws {GantryError} STORAGE_OBJECT_MISSING
 */
export async function readInputFile(
  { storage }: Pick<WorkerDeps, 'storage'>,
  automation: Automation,
  job: ClaimedJob,
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
  return readSheet(Buffer.concat(chunks), automation.file);
}
