import { text } from 'node:stream/consumers';

import { AutomationError, createAutomations } from '@gantry/automations';
import { startDemoPort } from '@gantry/automations/demo-port';
import { getService } from '@gantry/core';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

const LIST = `Container No,Owner
CRSU1274363,Alpha

MSCU6639870,Beta
MSCU6639871,Gamma
crsu 127436 3,Delta
`;

test('a whole job: the file is read, each row looked up, and results and files are kept', async () => {
  await using port = await startDemoPort();
  await using queue = await createQueue();
  const settings = { baseUrl: port.url, pauseMs: 0, pageTimeoutMs: 10_000 };
  const automations = createAutomations({ ctgPort: settings, pageCapture: { allowPrivateOrigins: [] } });
  await using _worker = await queue.startWorker(automations);
  const jobId = await queue.submit('ctg-port-tracking', { csv: LIST });

  const job = await queue.untilStatus(jobId, 'completed');

  expect(job).toMatchObject({ attempt: 1, attemptsUsed: 1, progress: { done: 4, total: 4 } });
  const results = await queue.results(jobId);
  expect(results.rows.map(({ line, key, status }) => [line, key, status])).toEqual([
    [2, 'CRSU1274363', 'completed'],
    [4, 'MSCU6639870', expect.stringMatching(/completed|failed/)],
    [5, 'MSCU6639871', 'invalid'],
    [6, 'CRSU1274363', 'duplicate'],
  ]);
  const service = await getService(queue.pool, 'ctg-port-tracking');
  expect(service?.answerColumns.slice(0, 3)).toEqual([
    { key: 'location', label: 'Location', type: 'text' },
    { key: 'yard', label: 'Yard', type: 'text' },
    { key: 'block', label: 'Block', type: 'text' },
  ]);
  expect(results.summary).toMatchObject({ total: 4, invalid: 1, duplicate: 1 });
  expect(results.artifacts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['results.csv', 'results.xlsx']),
  );
  const events = await queue.events(jobId);
  expect(events.length).toBe(job.eventSeq);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const { rows } = await queue.pool.query(
    'select outcome, browser_launch_ms, browser_peak_memory_bytes from public.job_execution_metrics where job_id = $1',
    [jobId],
  );
  expect(rows).toEqual([
    {
      outcome: 'completed',
      browser_launch_ms: expect.any(Number),
      browser_peak_memory_bytes: expect.stringMatching(/^\d{7,}$/),
    },
  ]);
});

test('the signal of a run is aborted when it has ended well too, so that nothing of it is kept or goes on', async () => {
  await using queue = await createQueue();
  const signals: AbortSignal[] = [];
  const automation = automationOf(async ({ signal }) => void signals.push(signal));
  await using _worker = await queue.startWorker([automation]);

  await queue.untilStatus(await queue.submit('a-service'), 'completed');

  expect(signals).toMatchObject([{ aborted: true }]);
});

test('an attempt that failed is followed by another', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async ({ attempt }) => {
    if (attempt === 1) throw new AutomationError('SITE_BROKEN', 'The site is broken.');
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  const job = await queue.untilStatus(jobId, 'completed');

  expect(job).toMatchObject({ attempt: 2, error: null });
  expect(await queue.outcomes(jobId)).toEqual(['retry', 'completed']);
});

test('a permanent error and wrong input fail at once', async () => {
  await using queue = await createQueue();
  const permanent = automationOf(async () => {
    throw new AutomationError('NO_SUCH_PORT', 'There is no such port.', { isPermanent: true });
  });
  const automations = createAutomations({
    ctgPort: { baseUrl: 'http://127.0.0.1:9/', pauseMs: 0, pageTimeoutMs: 1_000 },
    pageCapture: { allowPrivateOrigins: [] },
  });
  await using _worker = await queue.startWorker([permanent, ...automations]);

  const refused = await queue.submit('a-service');
  expect((await queue.untilStatus(refused, 'failed')).error).toEqual({
    code: 'NO_SUCH_PORT',
    message: 'There is no such port.',
  });
  const wrong = await queue.submit('page-capture', { input: { urls: ['ftp://example.com/'] } });
  expect((await queue.untilStatus(wrong, 'failed')).error?.code).toBe('INPUT_INVALID');
  const fileless = await queue.submit('ctg-port-tracking');
  expect((await queue.untilStatus(fileless, 'failed')).error?.code).toBe('FILE_MISSING');
  for (const jobId of [refused, wrong, fileless]) expect((await queue.job(jobId)).attempt).toBe(1);
});

test('an unexpected error says nothing of the inside', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async () => JSON.parse('{secret'), { maxAttempts: 1 });
  await using _worker = await queue.startWorker([automation]);

  const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

  expect(job.error?.code).toBe('AUTOMATION_FAILED');
  expect(job.error?.message).not.toContain('secret');
});

test('whatever characters a page contains, they can be reported', async () => {
  await using queue = await createQueue();
  const odd = 'NUL \0 and half \ud83d';
  const automation = automationOf(async (context) => {
    context.step(odd);
    context.log('info', odd, { [odd]: [odd] });
    await context.checkpoint.set({ [odd]: odd });
    await context.emitRow({ index: 0, key: odd, status: 'completed', data: { [odd]: odd }, error: null });
    await context.artifact({ name: 'a.txt', contentType: 'text/plain', body: Buffer.from(odd) });
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  expect((await queue.results(jobId)).rows[0]?.key).toBe('NUL \ufffd and half \ufffd');
});

test('of several files with one name in one attempt the first is kept', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    for (const body of ['first', 'second'])
      await context.artifact({ name: 'a.txt', contentType: 'text/plain', body: Buffer.from(body) });
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  expect((await queue.results(jobId)).artifacts).toMatchObject([{ name: 'a.txt', size: 5 }]);
});

test('a file that could not be kept leaves its name to another one', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    const file = { name: 'a.txt', body: Buffer.from('first') };
    await context.artifact({ ...file, contentType: 'no\ntype' }).catch(() => {});
    await context.artifact({ ...file, contentType: 'text/plain' });
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  expect((await queue.results(jobId)).artifacts).toMatchObject([{ name: 'a.txt', size: 5 }]);
});

test('the checkpoint and the finished rows of an attempt are there in the next one', async () => {
  await using queue = await createQueue();
  const seen: unknown[] = [];
  const automation = automationOf(async (context) => {
    const { attempt, checkpoint, completedRows } = context;
    seen.push([checkpoint.get(), [...completedRows.keys()]]);
    await context.emitRow({
      index: attempt - 1,
      key: `k${attempt}`,
      status: 'completed',
      data: {},
      error: null,
    });
    await checkpoint.set({ attempt });
    if (attempt < 3) throw new AutomationError('AGAIN', 'Again.');
  });
  await using _worker = await queue.startWorker([automation]);

  await queue.untilStatus(await queue.submit('a-service'), 'completed');

  expect(seen).toEqual([
    [null, []],
    [{ attempt: 1 }, [0]],
    [{ attempt: 2 }, [0, 1]],
  ]);
});

test('what the jobs found that a job runs after is there for it', async () => {
  await using queue = await createQueue();
  const first = automationOf(
    async (context) => {
      await context.emitRow({ index: 0, key: 'k', status: 'completed', data: { n: 7 }, error: null });
      await context.artifact({ name: 'a.txt', contentType: 'text/plain', body: Buffer.from('found') });
    },
    { id: 'first' },
  );
  const broken = automationOf(
    async () => {
      throw new AutomationError('BROKEN', 'Broken.', { isPermanent: true });
    },
    { id: 'broken' },
  );
  const seen: unknown[] = [];
  const second = automationOf(async ({ dependencies }) => {
    for (const { jobId, serviceId, status, summary, rows, artifacts } of dependencies) {
      const files = [];
      for (const { name, open } of artifacts) files.push([name, await text(await open())]);
      seen.push({ jobId, serviceId, status, summary, rows: await rows(), files });
    }
  });
  await using _worker = await queue.startWorker([first, broken, second]);
  const one = await queue.submit('first');
  const other = await queue.submit('broken');
  const dependsOn = [{ jobId: one }, { jobId: other, onFailure: 'run' as const }];
  const jobId = await queue.submit('a-service', { dependsOn });

  await queue.untilStatus(jobId, 'completed');

  expect(seen).toEqual([
    {
      jobId: one,
      serviceId: 'first',
      status: 'completed',
      summary: { isDone: true },
      rows: [{ index: 0, line: null, key: 'k', status: 'completed', data: { n: 7 }, error: null }],
      files: [['a.txt', 'found']],
    },
    {
      jobId: other,
      serviceId: 'broken',
      status: 'failed',
      summary: null,
      rows: [],
      files: expect.arrayContaining([['failure.html', expect.any(String)]]),
    },
  ]);
});
