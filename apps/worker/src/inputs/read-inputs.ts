import type { Automation, Dependency } from '@gantry/automations';
import type { RowResult } from '@gantry/contract';
import { type ClaimedJob, getRowResults } from '@gantry/core';
import type { Sheet } from '@gantry/sheet';
import { retryWhileUnavailable } from '../reports/retry-while-unavailable.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { readDependencies } from './read-dependencies.ts';
import { readInputFile } from './read-input-file.ts';

/** What an automation begins with. */
export type AttemptInputs = {
  sheet: Sheet | null;
  /** The answers of earlier attempts, and of earlier browsers of this one. */
  completedRows: RowResult[];
  dependencies: Dependency[];
};

/**
 * Reads what an automation begins with. Waits for what is away until `signal` is aborted.
 *
 * @param o.isFirst whether the automation never ran for this job: then there are no answers to read
 * @throws as {@link readInputFile} does, and the signal's reason
 */
export async function readInputs(
  deps: Pick<WorkerDeps, 'pool' | 'storage' | 'sheets'>,
  o: { automation: Automation; job: ClaimedJob; isFirst: boolean; signal: AbortSignal },
): Promise<AttemptInputs> {
  const { signal } = o;
  const { jobId } = o.job;
  const sheet = await retryWhileUnavailable(signal, () => readInputFile(deps, o));
  const completedRows = o.isFirst
    ? []
    : await retryWhileUnavailable(signal, () => getRowResults(deps.pool, jobId));
  const dependencies = await readDependencies(deps, jobId, signal);
  signal.throwIfAborted();
  return { sheet, completedRows, dependencies };
}
