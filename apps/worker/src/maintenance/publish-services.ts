import type { JsonObject } from '@gantry/contract';
import { publishService } from '@gantry/core';

import type { WorkerDeps } from '../worker-deps.ts';

/** Publishes the automations of this worker: users see what is in the database. */
export async function publishServices({ pool, automations }: WorkerDeps): Promise<void> {
  for (const automation of automations) {
    const { id, name, description, category, queue, version, inputSchema, timeoutMs, maxAttempts } =
      automation;
    const { answerColumns } = automation;
    const acceptedFiles: JsonObject | null = automation.file && JSON.parse(JSON.stringify(automation.file));
    const texts = { id, name, description, category, queue, version };
    await publishService(pool, {
      ...texts,
      inputSchema,
      acceptedFiles,
      answerColumns,
      timeoutMs,
      maxAttempts,
    });
  }
}
