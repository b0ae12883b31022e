import type { Automation, AutomationContext, JsonObject, JsonValue } from '@gantry/automations';
import type { ChromeSession } from '@gantry/chrome';
import { type ClaimedJob, getRowResults, saveCheckpoint } from '@gantry/core';
import type { Sheet } from '@gantry/sheet';

import type { EventBuffer } from './event-buffer.ts';
import { keepArtifact } from './keep-artifact.ts';
import type { WorkerDeps } from './worker-deps.ts';

const LONGEST_MESSAGE = 2_000;

/** Runs an automation with everything that it may know, and ends with what it says of its work. */
export async function runAutomation(
  deps: WorkerDeps,
  o: {
    automation: Automation;
    job: ClaimedJob;
    sheet: Sheet | null;
    session: ChromeSession;
    events: EventBuffer;
    signal: AbortSignal;
  },
): Promise<JsonObject> {
  const { job, sheet, events, signal } = o;
  const { jobId, attempt } = job;
  const completed = await getRowResults(deps.pool, jobId);
  let checkpoint: JsonValue = job.checkpoint;
  const context: AutomationContext = {
    jobId,
    attempt,
    page: o.session.page,
    input: job.input,
    rows: sheet?.rows ?? [],
    headers: sheet?.headers ?? [],
    completedRows: new Map(completed.map((row) => [row.index, row])),
    checkpoint: {
      get: () => checkpoint,
      async set(value) {
        await saveCheckpoint(deps.pool, { jobId, attempt, checkpoint: value });
        checkpoint = value;
      },
    },
    progress: (progress) => events.add({ type: 'progress', data: progress }),
    step: (name) => events.add({ type: 'step', data: { name: name.slice(0, 200) } }),
    log: (level, message, data) =>
      events.add({
        type: 'log',
        data: { level, message: message.slice(0, LONGEST_MESSAGE), ...(data && { data }) },
      }),
    emitRow: (row) => events.addAndFlush({ type: 'row', data: row }),
    artifact: (file) => keepArtifact(deps, job, file),
    signal,
  };
  const { summary } = await o.automation.run(context);
  return summary;
}
