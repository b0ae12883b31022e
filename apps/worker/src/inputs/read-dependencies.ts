import type { Dependency } from '@gantry/automations';
import type { JobStatus } from '@gantry/contract';
import { getJobDependencies, getJobOutcome, getRowResults } from '@gantry/core';
import { retryWhileUnavailable } from '../reports/retry-while-unavailable.ts';
import type { WorkerDeps } from '../worker-deps.ts';
import { endWithRun } from './end-with-run.ts';

/** Reads the jobs that a job runs after and what they found. Waits for what is away until `signal` is aborted. */
export async function readDependencies(
  { pool, storage }: Pick<WorkerDeps, 'pool' | 'storage'>,
  jobId: string,
  signal: AbortSignal,
): Promise<Dependency[]> {
  const { dependsOn } = await retryWhileUnavailable(signal, () => getJobDependencies(pool, jobId));
  const dependencies: Dependency[] = [];
  for (const { jobId: id, serviceId } of dependsOn) {
    const outcome = await retryWhileUnavailable(signal, () => getJobOutcome(pool, id));
    if (!outcome || !isEnd(outcome.status)) continue;
    dependencies.push({
      jobId: id,
      serviceId,
      status: outcome.status,
      summary: outcome.summary,
      rows: () => retryWhileUnavailable(signal, () => getRowResults(pool, id)),
      artifacts: outcome.artifacts.map(({ name, contentType, size, rowIndex, storageKey }) => ({
        name,
        contentType,
        size,
        rowIndex,
        open: async () =>
          endWithRun(await retryWhileUnavailable(signal, () => storage.get(storageKey)), signal),
      })),
    });
  }
  return dependencies;
}

// One that was retried after this job had begun is no result again yet.
function isEnd(status: JobStatus): status is Dependency['status'] {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
