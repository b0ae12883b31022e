import { randomUUID } from 'node:crypto';

import { addArtifact, appendEvents, claimJobs, completeJob } from '@gantry/core';

import type { Api } from './fixture.ts';

/** Does what a worker would do with the next job: one row and one file. */
export async function finishNextJob(api: Api): Promise<void> {
  const workerId = await api.addWorker();
  const [job] = await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
  if (!job) throw new Error('nothing to claim');
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  await appendEvents(api.pool, {
    ...attempt,
    events: [
      {
        type: 'row',
        data: {
          index: 0,
          line: 2,
          key: 'CSQU3054383',
          status: 'completed',
          data: { yard: 'NCT' },
          error: null,
        },
      },
    ],
  });
  const storageKey = `jobs/${job.jobId}/1/${randomUUID()}`;
  const stored = await api.storage.put(storageKey, Buffer.from('a,b\n'), { contentType: 'text/csv' });
  await addArtifact(api.pool, {
    ...attempt,
    id: randomUUID(),
    name: 'résults "1".csv',
    contentType: 'text/csv',
    storageKey,
    rowIndex: null,
    ...stored,
  });
  await completeJob(api.pool, { ...attempt, summary: { total: 1 }, resultTtlMs: 60_000, browser: {} });
  await api.pool.query('select gantry.stop_worker($1)', [workerId]);
}
