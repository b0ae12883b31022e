import type { Automation } from '@gantry/automations';
import type { ClaimedJob } from '@gantry/core';
import { readSheet, type Sheet } from '@gantry/sheet';

import type { WorkerDeps } from './worker-deps.ts';

/** Reads a job's file as it was checked when it was submitted; null for a job without one. */
export async function readInputFile(
  { storage }: WorkerDeps,
  automation: Automation,
  job: ClaimedJob,
): Promise<Sheet | null> {
  if (!job.file || !automation.file) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of await storage.get(job.file.storageKey)) chunks.push(chunk);
  return readSheet(Buffer.concat(chunks), automation.file);
}
