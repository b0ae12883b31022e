import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  addArtifact,
  appendEvents,
  completeJob,
  failJob,
  getArtifact,
  getJob,
  getJobEvents,
  getJobResults,
  getRowResults,
  releaseJob,
  saveCheckpoint,
} from '../../src/index.ts';
import { createFixture, END, FAIL, rowEvent } from '../fixture.ts';

test('a job runs, reports and completes; its history has no gap', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await appendEvents(f.db, {
    jobId,
    attempt,
    events: [
      { type: 'step', data: { name: 'Looking' } },
      { type: 'progress', data: { done: 1, total: 2 } },
      { type: 'log', data: { level: 'info', message: 'Hello' } },
      rowEvent(0),
      rowEvent(1, 'failed'),
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
  const { jobId, attempt } = await f.start();
  await appendEvents(f.db, { jobId, attempt, events: [rowEvent(0), rowEvent(0, 'failed'), rowEvent(1)] });
  await appendEvents(f.db, { jobId, attempt, events: [rowEvent(1, 'failed'), rowEvent(2)] });
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

test('a row keeps its line of the file, in its answer and in its event', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  const row = { index: 0, line: 12, key: 'K', status: 'completed', data: {}, error: null } as const;
  await appendEvents(f.db, { jobId, attempt, events: [{ type: 'row', data: row }, rowEvent(1)] });
  expect((await getRowResults(f.db, jobId)).map(({ line }) => line)).toEqual([12, null]);
  const events = await getJobEvents(f.db, { jobId, afterSeq: 2, limit: 10 });
  expect(events.map((event) => event.type === 'row' && event.data.line)).toEqual([12, null]);
});

test('many writers of one job leave a history without gap or repetition', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
  await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      appendEvents(f.db, { jobId, attempt, events: [rowEvent(i), rowEvent(i + 40)] }),
    ),
  );
  const events = await getJobEvents(f.db, { jobId, afterSeq: 0, limit: 1000 });
  expect(events.map((e) => e.seq)).toEqual(Array.from({ length: 82 }, (_, i) => i + 1));
});

test('what a page says can always be reported, also what Postgres cannot keep', async () => {
  await using f = await createFixture();
  const { jobId, attempt } = await f.start();
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
  const { jobId, attempt } = await f.start();
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
  const { jobId, workerId } = await f.start();
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
