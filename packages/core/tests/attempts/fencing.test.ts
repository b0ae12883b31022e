import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  addArtifact,
  appendEvents,
  cancelJob,
  completeJob,
  failJob,
  getJob,
  heartbeat,
  LeaseLostError,
  releaseJob,
  saveCheckpoint,
} from '../../src/index.ts';
import { createFixture, END, FAIL, type Fixture, rowEvent } from '../fixture.ts';

describe('every write of an attempt that lost its job is refused', () => {
  const writes: Record<string, (f: Fixture, a: { jobId: string; attempt: number }) => Promise<unknown>> = {
    appendEvents: (f, a) => appendEvents(f.db, { ...a, events: [rowEvent(9)] }),
    addArtifact: (f, a) =>
      addArtifact(f.db, {
        ...a,
        id: randomUUID(),
        name: 'late',
        contentType: 'a/b',
        size: 1,
        sha256: 'a'.repeat(64),
        storageKey: randomUUID(),
        rowIndex: null,
      }),
    saveCheckpoint: (f, a) => saveCheckpoint(f.db, { ...a, checkpoint: 1 }),
    completeJob: (f, a) => completeJob(f.db, { ...a, summary: null, ...END }),
    failJob: (f, a) => failJob(f.db, { ...a, ...FAIL }),
    releaseJob: (f, a) => releaseJob(f.db, { ...a, browser: {} }),
  };
  const losses: Record<
    string,
    (f: Fixture, a: { jobId: string; attempt: number; workerId: string }) => Promise<unknown>
  > = {
    'a later attempt runs': async (f, a) => {
      await releaseJob(f.db, { ...a, browser: {} });
      await f.claim(a.workerId);
    },
    'its lease has ended': (f, a) =>
      f.asOwner(
        `update public.automation_jobs set lease_expires_at = now() - interval '1 second' where id = $1`,
        [a.jobId],
      ),
    'it was cancelled': (f, a) => cancelJob(f.db, { jobId: a.jobId, reason: 'cancelled_by_owner' }),
  };
  for (const [how, lose] of Object.entries(losses)) {
    test(`when ${how}`, async () => {
      await using f = await createFixture();
      const held = await f.start();
      await lose(f, held);
      const before = await getJob(f.db, held.jobId);
      for (const write of Object.values(writes))
        await expect(write(f, held)).rejects.toBeInstanceOf(LeaseLostError);
      expect(await heartbeat(f.db, { workerId: held.workerId, held: [held], leaseMs: 1000 })).toEqual([
        { jobId: held.jobId, attempt: 1 },
      ]);
      expect(await getJob(f.db, held.jobId)).toEqual(before);
    });
  }
});
