import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cancelJob, DEFAULTS, getJob } from '@gantry/core';
import { expect, test } from 'vitest';

import { startWorker } from '../../src/start-worker.ts';
import { createQueue, type Queue } from '../fixture.ts';
import { automationOf, hang, hangInPage } from '../test-automations.ts';

/** Waits until nothing of any browser is left. */
async function untilBrowserIsGone(queue: Queue): Promise<void> {
  await expect.poll(() => queue.browserProcesses()).toEqual([]);
  await expect.poll(() => queue.browsersLeft()).toEqual([]);
}

test('cancelling a running job kills its browser and makes way for the next job of its queue', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    if (context.attempt === 1 && isFirst(context.jobId)) await hangInPage(context);
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');
  const isFirst = (id: string) => id === jobId;
  await queue.untilStep(jobId, 'hanging');
  expect(await queue.browserProcesses()).not.toEqual([]);

  await cancelJob(queue.pool, { jobId, reason: 'cancelled_by_owner', resultTtlMs: DEFAULTS.resultTtlMs });

  await untilBrowserIsGone(queue);
  const next = await queue.submit('a-service');
  await queue.untilStatus(next, 'completed');
  expect(await queue.outcomes(jobId)).toEqual(['cancelled']);
  expect(await queue.job(jobId)).toMatchObject({ status: 'cancelled', error: null });
});

test('a browser that is still being launched is not waited for when its job is cancelled', async () => {
  await using queue = await createQueue();
  const started = join(queue.directory, 'started');
  const executablePath = join(queue.directory, 'never-answers');
  await writeFile(executablePath, `#!/bin/sh\ntouch ${started}\nexec sleep 3600\n`, { mode: 0o755 });
  const deps = queue.deps([automationOf(async () => {})]);
  const worker = await startWorker({ ...deps, binary: deps.binary && { ...deps.binary, executablePath } });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => worker.stop('release'));
  const jobId = await queue.submit('a-service');
  await expect.poll(() => stat(started).then(() => true, String)).toBe(true);

  await cancelJob(queue.pool, { jobId, reason: 'cancelled_by_owner' });

  // Before the launch would give up by itself, which is after 30 s.
  await expect.poll(() => queue.browsersLeft()).toEqual([]);
  expect(await queue.browserProcesses()).toEqual([]);
  const next = await queue.submit('a-service');
  await expect.poll(async () => (await queue.job(next)).status).toBe('processing');
});

test('a job that takes too long is ended, says so, and is tried again', async () => {
  await using queue = await createQueue();
  const automation = automationOf(hangInPage, { timeoutMs: 1_000, maxAttempts: 2 });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  const job = await queue.untilStatus(jobId, 'failed');

  expect(job.error).toEqual({
    code: 'JOB_TIMEOUT',
    message: 'The job took longer than 1 s and was ended. Split it into smaller jobs, or ask for more time.',
  });
  expect(await queue.outcomes(jobId)).toEqual(['retry', 'failed']);
  await untilBrowserIsGone(queue);
});

test('JOB_TIMEOUT_MS stands above what the service says', async () => {
  await using queue = await createQueue();
  const automation = automationOf(hang, { timeoutMs: 60_000, maxAttempts: 1 });
  await using _worker = await queue.startWorker([automation], { jobTimeoutMs: 1_000 });

  const job = await queue.untilStatus(await queue.submit('a-service'), 'failed');

  expect(job.error?.code).toBe('JOB_TIMEOUT');
});

test.for([
  ['the browser', 'BROWSER_CRASHED', 'Browser.crash'],
  ['the page', 'PAGE_CRASHED', 'Page.crash'],
] as const)('when %s crashes the job says so and is tried again', async ([, code, command]) => {
  await using queue = await createQueue();
  const errors: unknown[] = [];
  const automation = automationOf(async (context) => {
    if (context.attempt > 1) return;
    const session = await context.page.createCDPSession();
    void session.send(command).catch(() => {});
    await hangInPage(context).catch((error: unknown) => {
      errors.push(error);
      // What it says of its row now, it says because its browser is dead.
      const error2 = { code: 'SITE_UNAVAILABLE', message: 'The site does not answer.' };
      return context.emitRow({ index: 0, key: 'k', status: 'failed', data: {}, error: error2 });
    });
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  const ends = (await queue.events(jobId)).flatMap(({ type, data }) =>
    type === 'state' && data.cause.code === 'retry' ? [data.errorCode] : [],
  );
  expect(ends).toEqual([code]);
  expect((await queue.results(jobId)).rows).toEqual([]);
});

test('a run that ends while its reports wait for the database is not completed by another hand', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    if (context.attempt > 1) return;
    context.step('hanging');
    // The lease goes to nobody: as if the worker had been away for long.
    await queue.asOwner(
      `update public.automation_jobs set lease_expires_at = now() - interval '1 second' where id = $1`,
      [context.jobId],
    );
    await context.emitRow({ index: 0, key: 'late', status: 'completed', data: {}, error: null });
  });
  await using _worker = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');

  await queue.untilStatus(jobId, 'completed');

  expect((await queue.results(jobId)).rows).toEqual([]);
  expect(await queue.outcomes(jobId)).toEqual(['lost', 'completed']);
});

test('a drained worker lets a job finish and takes no other', async () => {
  await using queue = await createQueue();
  const going = Promise.withResolvers<void>();
  const automation = automationOf(async (context) => {
    context.step('hanging');
    await going.promise;
  });
  const worker = await queue.startWorker([automation]);
  const running = await queue.submit('a-service');
  await queue.untilStep(running, 'hanging');

  const stopped = worker.stop('drain');
  const waiting = await queue.submit('a-service');
  going.resolve();
  await stopped;

  expect((await queue.job(running)).status).toBe('completed');
  expect(await queue.job(waiting)).toMatchObject({ status: 'pending', attempt: 0 });
});

test('a worker that must end gives its job back with nothing lost', async () => {
  await using queue = await createQueue();
  const automation = automationOf(async (context) => {
    if (context.attempt === 1) await hangInPage(context);
  });
  const first = await queue.startWorker([automation]);
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');

  await first.stop('release');

  expect(await queue.job(jobId)).toMatchObject({
    status: 'pending',
    cause: { code: 'released' },
    attemptsUsed: 0,
  });
  expect(await queue.browserProcesses()).toEqual([]);
  await using _second = await queue.startWorker([automation]);
  await queue.untilStatus(jobId, 'completed');
  expect((await getJob(queue.pool, jobId))?.attemptsUsed).toBe(1);
});

test('a second request to stop cuts the drain short', async () => {
  await using queue = await createQueue();
  const worker = await queue.startWorker([automationOf(hang)], { drainTimeoutMs: 3_600_000 });
  const jobId = await queue.submit('a-service');
  await queue.untilStep(jobId, 'hanging');

  const stopped = worker.stop('drain');
  await worker.stop('release');
  await stopped;

  expect(await queue.job(jobId)).toMatchObject({ status: 'pending', attemptsUsed: 0 });
});
