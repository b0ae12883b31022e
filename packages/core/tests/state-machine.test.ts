import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import {
  addArtifact,
  appendEvents,
  cancelJob,
  completeJob,
  failJob,
  getArtifact,
  getJob,
  getJobEvents,
  getJobResults,
  getRowResults,
  heartbeat,
  LeaseLostError,
  type NewJobEvent,
  releaseJob,
  retryJob,
  saveCheckpoint,
} from '../src/index.ts';
import { createFixture, type Fixture } from './fixture.ts';

const END = { resultTtlMs: 60_000, browser: { launchMs: 5, peakMemoryBytes: 10 } };
const FAIL = {
  ...END,
  error: { code: 'BROKEN', message: 'It broke.' },
  isPermanent: false,
  backoffMs: 1000,
  maxBackoffMs: 60_000,
};
const row = (index: number, status: 'completed' | 'failed' = 'completed'): NewJobEvent => ({
  type: 'row',
  data: {
    index,
    key: `K${index}`,
    status,
    data: { n: index },
    error: status === 'failed' ? { code: 'X', message: 'x' } : null,
  },
});

async function claimOne(f: Fixture) {
  const workerId = await f.addWorker();
  const jobId = await f.submit();
  await f.claim(workerId);
  return { workerId, jobId, attempt: 1 };
}

const statesOf = async (f: Fixture, jobId: string) =>
  (await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 1000 })).flatMap((e) =>
    e.type === 'state' ? [`${e.data.to}: ${e.data.reason}`] : [],
  );

test('a job runs, reports and completes; its history has no gap', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  await appendEvents(f.db, {
    jobId,
    attempt,
    events: [
      { type: 'step', data: { name: 'Looking' } },
      { type: 'progress', data: { done: 1, total: 2 } },
      { type: 'log', data: { level: 'info', message: 'Hello' } },
      row(0),
      row(1, 'failed'),
      { type: 'progress', data: { done: 2, total: 2 } },
    ],
  });
  await addArtifact(f.db, {
    jobId,
    attempt,
    id: randomUUID(),
    name: 'results.csv',
    contentType: 'text/csv',
    size: 3,
    sha256: 'a'.repeat(64),
    storageKey: 'k/1',
    rowIndex: null,
  });
  await completeJob(f.db, { jobId, attempt, summary: { total: 2 }, ...END });

  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'completed',
    progress: { done: 2, total: 2 },
    step: 'Looking',
    eventSeq: 10,
  });
  const events = await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 100 });
  expect(events.map((e) => e.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(events.map((e) => e.type)).toEqual([
    'state',
    'state',
    'step',
    'progress',
    'log',
    'row',
    'row',
    'progress',
    'artifact',
    'state',
  ]);
  expect(await getJobResults(f.db, jobId)).toMatchObject({
    status: 'completed',
    summary: { total: 2 },
    rows: [
      { index: 0, key: 'K0', status: 'completed', data: { n: 0 }, error: null },
      { index: 1, status: 'failed', error: { code: 'X' } },
    ],
    artifacts: [{ name: 'results.csv', size: 3 }],
  });
  const { rows } = await f.db.query(
    'select outcome, browser_launch_ms from public.job_execution_metrics where job_id = $1',
    [jobId],
  );
  expect(rows).toEqual([{ outcome: 'completed', browser_launch_ms: 5 }]);
});

test('a row has one answer: the first', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  await appendEvents(f.db, { jobId, attempt, events: [row(0), row(0, 'failed'), row(1)] });
  await appendEvents(f.db, { jobId, attempt, events: [row(1, 'failed'), row(2)] });
  expect((await getRowResults(f.db, jobId)).map((r) => [r.index, r.status])).toEqual([
    [0, 'completed'],
    [1, 'completed'],
    [2, 'completed'],
  ]);
  const events = await getJobEvents(f.db, { jobId, afterSeq: 2, limit: 100 });
  expect(events.map((e) => [e.seq, e.type === 'row' && e.data.index])).toEqual([
    [3, 0],
    [4, 1],
    [5, 2],
  ]);
});

test('many writers of one job leave a history without gap or repetition', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      appendEvents(f.db, { jobId, attempt, events: [row(i), row(i + 40)] }),
    ),
  );
  const events = await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 1000 });
  expect(events.map((e) => e.seq)).toEqual(Array.from({ length: 82 }, (_, i) => i + 1));
});

test('what a page says can always be reported, also what Postgres cannot keep', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  const ugly = 'a\0b\uD83Dc';
  await appendEvents(f.db, {
    jobId,
    attempt,
    events: [
      { type: 'log', data: { level: 'warn', message: ugly } },
      {
        type: 'row',
        data: { index: 0, key: ugly, status: 'completed', data: { [ugly]: ugly }, error: null },
      },
    ],
  });
  await saveCheckpoint(f.db, { jobId, attempt, checkpoint: { ugly } });
  await failJob(f.db, { jobId, attempt, ...FAIL, error: { code: 'X', message: 'a\0b' }, isPermanent: true });
  const kept = 'a\uFFFDb\uFFFDc';
  expect(await getRowResults(f.db, jobId)).toMatchObject([{ key: kept, data: { [kept]: kept } }]);
  expect(await getJob(f.db, jobId)).toMatchObject({ error: { code: 'X', message: 'a\uFFFDb' } });
});

test('an attempt keeps one file of a name, and hears so; the same again is no error', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  const artifact = {
    jobId,
    attempt,
    id: randomUUID(),
    name: 'results.csv',
    contentType: 'text/csv',
    size: 3,
    sha256: 'a'.repeat(64),
    storageKey: 'k/1',
    rowIndex: null,
  };
  await addArtifact(f.db, artifact);
  await addArtifact(f.db, artifact);
  await expect(addArtifact(f.db, { ...artifact, id: randomUUID(), storageKey: 'k/2' })).rejects.toMatchObject(
    { code: 'VALUE_INVALID' },
  );
  await expect(addArtifact(f.db, { ...artifact, id: randomUUID(), name: 'b' })).rejects.toMatchObject({
    code: 'VALUE_INVALID',
  });
  expect(await getJob(f.db, jobId)).toMatchObject({ eventSeq: 3 });
});

test('of several attempts’ files of one name the newest counts', async () => {
  await using f = await createFixture();
  const { jobId, workerId } = await claimOne(f);
  for (const attempt of [1, 2]) {
    if (attempt === 2) await f.claim(workerId);
    await addArtifact(f.db, {
      jobId,
      attempt,
      id: randomUUID(),
      name: 'results.csv',
      contentType: 'text/csv',
      size: attempt,
      sha256: 'a'.repeat(64),
      storageKey: `k/${attempt}`,
      rowIndex: null,
    });
    if (attempt === 1) await releaseJob(f.db, { jobId, attempt, browser: {} });
  }
  const results = await getJobResults(f.db, jobId);
  expect(results?.artifacts).toMatchObject([{ attempt: 2, size: 2 }]);
  expect(await getArtifact(f.db, results?.artifacts[0]?.id ?? '')).toEqual(results?.artifacts[0]);
});

test('a back-off never exceeds its bound, and differs from job to job', async () => {
  await using f = await createFixture();
  await f.setLimit(null);
  const workerId = await f.addWorker();
  for (let i = 0; i < 20; i++) await f.submit();
  await f.claim(workerId, { limit: 20 });
  await f.db.query('update public.automation_jobs set attempt = 40, attempts_used = 40, max_attempts = 100');
  const { rows } = await f.db.query('select id from public.automation_jobs');
  const delays = [];
  for (const { id } of rows) {
    const outcome = await failJob(f.db, { jobId: id, attempt: 40, ...FAIL });
    const { rows: ended } = await f.db.query(
      'select created_at from public.job_execution_metrics where job_id = $1',
      [id],
    );
    if (outcome.outcome === 'retry') delays.push(Date.parse(outcome.retryAt) - ended[0].created_at);
  }
  expect(Math.max(...delays)).toBeLessThanOrEqual(FAIL.maxBackoffMs);
  expect(Math.min(...delays)).toBeGreaterThan(FAIL.maxBackoffMs * 0.7);
  expect(new Set(delays).size).toBeGreaterThan(1);
});

describe('a failed attempt', () => {
  test('is retried after a back-off that doubles, and fails the job when attempts are used up', async () => {
    await using f = await createFixture();
    const workerId = await f.addWorker();
    const jobId = await f.submit();
    for (const [attempt, low, high] of [
      [1, 750, 1250],
      [2, 1500, 2500],
    ] as const) {
      await f.db.query(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
      await f.claim(workerId);
      const before = Date.now();
      const outcome = await failJob(f.db, { jobId, attempt, ...FAIL });
      const delay = outcome.outcome === 'retry' ? Date.parse(outcome.retryAt) - before : Number.NaN;
      expect(delay).toBeGreaterThan(low - 50);
      expect(delay).toBeLessThan(high + 2000);
    }
    await f.db.query(`update public.automation_jobs set run_at = now() where id = $1`, [jobId]);
    await f.claim(workerId);
    expect(await failJob(f.db, { jobId, attempt: 3, ...FAIL })).toEqual({ outcome: 'failed' });
    expect(await getJob(f.db, jobId)).toMatchObject({
      status: 'failed',
      statusReason: 'attempts used up',
      error: FAIL.error,
    });
  });

  test('with a permanent error is not retried', async () => {
    await using f = await createFixture();
    const { jobId, attempt } = await claimOne(f);
    expect(await failJob(f.db, { jobId, attempt, ...FAIL, isPermanent: true })).toEqual({
      outcome: 'failed',
    });
  });

  test('can be retried by hand with all attempts, and keeps its answers', async () => {
    await using f = await createFixture();
    const { jobId, attempt, workerId } = await claimOne(f);
    await appendEvents(f.db, { jobId, attempt, events: [row(0)] });
    await saveCheckpoint(f.db, { jobId, attempt, checkpoint: { at: 7 } });
    await failJob(f.db, { jobId, attempt, ...FAIL, isPermanent: true });
    await retryJob(f.db, { jobId, reason: 'retried by owner' });
    expect(await f.claim(workerId)).toMatchObject([
      { jobId, attempt: 2, attemptsUsed: 1, checkpoint: { at: 7 } },
    ]);
    expect(await getRowResults(f.db, jobId)).toHaveLength(1);
    await expect(retryJob(f.db, { jobId, reason: 'again' })).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
    });
  });
});

test('a job given back is pending at once and its attempt does not count', async () => {
  await using f = await createFixture();
  const { jobId, attempt, workerId } = await claimOne(f);
  await releaseJob(f.db, { jobId, attempt, browser: {} });
  expect(await getJob(f.db, jobId)).toMatchObject({
    status: 'pending',
    statusReason: 'released',
    attemptsUsed: 0,
    attempt: 1,
  });
  expect(await f.claim(workerId)).toMatchObject([{ attempt: 2, attemptsUsed: 1 }]);
});

describe('cancelling', () => {
  test('ends a pending job, and again changes nothing', async () => {
    await using f = await createFixture();
    const jobId = await f.submit();
    await cancelJob(f.db, { jobId, reason: 'cancelled by owner' });
    await cancelJob(f.db, { jobId, reason: 'cancelled by owner' });
    expect(await statesOf(f, jobId)).toEqual(['pending: submitted', 'cancelled: cancelled by owner']);
  });

  test('of a finished job is refused', async () => {
    await using f = await createFixture();
    const { jobId, attempt } = await claimOne(f);
    await completeJob(f.db, { jobId, attempt, summary: null, ...END });
    await expect(cancelJob(f.db, { jobId, reason: 'x' })).rejects.toMatchObject({
      code: 'JOB_ALREADY_FINISHED',
    });
    await expect(cancelJob(f.db, { jobId: randomUUID(), reason: 'x' })).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
  });

  test('and completing at the same moment: one wins, and there is one end', async () => {
    await using f = await createFixture();
    await f.setLimit(null);
    for (let round = 0; round < 20; round++) {
      const { jobId, attempt } = await claimOne(f);
      await Promise.allSettled([
        cancelJob(f.db, { jobId, reason: 'cancelled by owner' }),
        completeJob(f.db, { jobId, attempt, summary: null, ...END }),
      ]);
      const ends = (await statesOf(f, jobId)).filter((state) => /^(cancelled|completed)/.test(state));
      expect(ends).toHaveLength(1);
    }
  });
});

describe('every write of an attempt that lost its job is refused', () => {
  const writes: Record<string, (f: Fixture, a: { jobId: string; attempt: number }) => Promise<unknown>> = {
    appendEvents: (f, a) => appendEvents(f.db, { ...a, events: [row(9)] }),
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
      f.db.query(
        `update public.automation_jobs set lease_expires_at = now() - interval '1 second' where id = $1`,
        [a.jobId],
      ),
    'it was cancelled': (f, a) => cancelJob(f.db, { jobId: a.jobId, reason: 'cancelled by owner' }),
  };
  for (const [how, lose] of Object.entries(losses)) {
    test(`when ${how}`, async () => {
      await using f = await createFixture();
      const held = await claimOne(f);
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

test('a state that cannot follow is refused by the database itself', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await claimOne(f);
  await completeJob(f.db, { jobId, attempt, summary: null, ...END });
  await expect(
    f.db.query(
      `update public.automation_jobs set status = 'pending', finished_at = null, expires_at = null where id = $1`,
      [jobId],
    ),
  ).rejects.toMatchObject({ code: 'GQ009' });
});
