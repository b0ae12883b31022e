import { randomUUID } from 'node:crypto';

import { addArtifact, appendEvents, claimJobs, completeJob, failJob } from '@gantry/core';

import type { Api } from '../../../apps/api/tests/fixture.ts';

/** Claims the next job, to report and finish it as a worker would. */
export async function claimByHand(api: Api) {
  const workerId = await api.addWorker();
  const [job] = await claimJobs(api.pool, { workerId, limit: 1, leaseMs: 60_000 });
  if (!job) throw new Error('nothing to claim');
  const attempt = { jobId: job.jobId, attempt: job.attempt };
  return {
    row: (index: number) =>
      appendEvents(api.pool, {
        ...attempt,
        events: [
          { type: 'row', data: { index, key: `K${index}`, status: 'completed', data: {}, error: null } },
        ],
      }),
    async artifact(body: Buffer) {
      const storageKey = `jobs/${job.jobId}/1/${randomUUID()}`;
      const id = randomUUID();
      const stored = await api.storage.put(storageKey, body, { contentType: 'text/csv' });
      await addArtifact(api.pool, {
        ...attempt,
        id,
        name: 'results.csv',
        contentType: 'text/csv',
        storageKey,
        rowIndex: null,
        ...stored,
      });
      return id;
    },
    complete: () =>
      completeJob(api.pool, { ...attempt, summary: { total: 1 }, resultTtlMs: 60_000, browser: {} }),
    /** Fails for good: it is not tried again by itself. */
    fail: () =>
      failJob(api.pool, {
        ...attempt,
        error: { code: 'INPUT_WRONG', message: 'The list is wrong.' },
        isPermanent: true,
        backoffMs: 1,
        maxBackoffMs: 1,
        resultTtlMs: 60_000,
        browser: {},
      }),
  };
}
