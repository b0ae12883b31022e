import type { Automation } from '@gantry/automations';
import { type Recording, unlessAborted } from '@gantry/chrome';
import { appendEvents, type ClaimedJob, GantryError, requireStorage } from '@gantry/core';
import type { Page } from 'puppeteer-core';
import { isKept, keepTrace } from '../trace/keep-trace.ts';
import type { Trace } from '../trace/trace.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { gatherEvidence, keepFailureEvidence } from './failure-evidence.ts';

/** For all of it: a page may answer nothing, and storage be slow. */
const DEADLINE_MS = 15_000;

/**
 * Keeps what there is to be kept of how an attempt went: evidence if it has failed, and its trace if one is wanted. What
 * goes wrong here is logged, and changes nothing of how the attempt has ended.
 */
export async function keepEvidence(
  deps: WorkerDeps,
  job: ClaimedJob,
  o: {
    automation: Pick<Automation, 'trace'>;
    page: Page;
    recording: Recording;
    trace: Trace | null;
    hasFailed: boolean;
    lease: AbortSignal;
  },
): Promise<void> {
  const trace = isKept(deps.config, o.automation, o.hasFailed) ? o.trace : null;
  if (!o.hasFailed && !trace) return;
  const signal = AbortSignal.any([o.lease, AbortSignal.timeout(DEADLINE_MS)]);
  const keep = async () => {
    await trace?.finish();
    // Of a user who has reached the quota nothing more is kept but the files that automations make.
    const maxStorageBytes = deps.config.maxStorageBytes;
    const found = await gatherEvidence(job, { ...o, signal });
    try {
      await requireStorage(deps.pool, { userId: job.userId, maxBytes: maxStorageBytes, moreBytes: 1 });
    } catch (error) {
      if (!(error instanceof GantryError && error.code === 'STORAGE_QUOTA_EXCEEDED')) throw error;
      return sayLeftOut(deps, job);
    }
    if (o.hasFailed) await keepFailureEvidence({ ...deps, maxStorageBytes }, job, { ...found, signal });
    if (trace)
      await keepTrace({ ...deps, maxStorageBytes }, job, { trace, evidence: found.evidence, signal });
  };
  try {
    // Storage that answers nothing would hold the slot for longer.
    await unlessAborted(keep(), signal);
  } catch (error) {
    const { jobId, attempt } = job;
    deps.log.warn({ err: error, jobId, attempt }, 'the evidence of the attempt could not be kept');
  }
}

/** Says in the log of the job why it has no evidence. */
async function sayLeftOut({ pool }: WorkerDeps, { jobId, attempt }: ClaimedJob): Promise<void> {
  const message =
    'Screenshots, logs and traces of this attempt were left out: your files have reached the storage quota.';
  await appendEvents(pool, { jobId, attempt, events: [{ type: 'log', data: { level: 'warn', message } }] });
}
