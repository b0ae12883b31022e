import { expect, test } from 'vitest';

import {
  cancelJob,
  completeJob,
  failJob,
  listAttempts,
  recordBrowserMetrics,
  withUser,
} from '../../src/index.ts';
import { createFixture, END, FAIL } from '../fixture.ts';

const FIGURES = {
  isWarm: true,
  launchMs: 180,
  handOverMs: 3,
  closeMs: 40,
  peakMemoryBytes: 5_000_000_000,
  cpuMs: 1_200,
  bytesReceived: 3_000_000_000,
  bytesSent: 2_000,
  requests: 31,
};

test('each ended attempt says what it and its browser took', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  expect(await listAttempts(f.db, jobId)).toEqual([]);
  await failJob(f.db, { jobId, attempt, ...FAIL, backoffMs: 0 });
  await recordBrowserMetrics(f.db, { jobId, attempt, ...FIGURES });
  const workerId = await f.addWorker();
  await f.claim(workerId);
  await completeJob(f.db, { jobId, attempt: 2, summary: null, ...END });

  expect(await listAttempts(f.db, jobId)).toEqual([
    {
      attempt: 1,
      outcome: 'retry',
      queueWaitMs: expect.any(Number),
      runMs: expect.any(Number),
      endedAt: expect.any(String),
      browser: FIGURES,
    },
    {
      attempt: 2,
      outcome: 'completed',
      queueWaitMs: expect.any(Number),
      runMs: expect.any(Number),
      endedAt: expect.any(String),
      browser: null,
    },
  ]);
});

test('a cancelled attempt had a browser too; the first word about it counts', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await cancelJob(f.db, { jobId, reason: 'cancelled_by_owner' });
  await recordBrowserMetrics(f.db, { jobId, attempt, ...FIGURES });
  await recordBrowserMetrics(f.db, { jobId, attempt, ...FIGURES, closeMs: 9_999 });
  expect(await listAttempts(f.db, jobId)).toMatchObject([{ outcome: 'cancelled', browser: FIGURES }]);
});

test('figures of what is not there, or has not ended, are nothing and no error', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await recordBrowserMetrics(f.db, { jobId, attempt, ...FIGURES });
  await recordBrowserMetrics(f.db, { jobId: '00000000-0000-4000-8000-000000000000', attempt, ...FIGURES });
  expect(await listAttempts(f.db, jobId)).toEqual([]);
});

test('a user sees the attempts of own jobs alone', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await completeJob(f.db, { jobId, attempt, summary: null, ...END });
  const other = await f.database.createUser();
  const seenBy = (id: string) => withUser(f.db, { sub: id }, (db) => listAttempts(db, jobId));
  expect(await seenBy(f.user.id)).toHaveLength(1);
  expect(await seenBy(other.id)).toEqual([]);
});
