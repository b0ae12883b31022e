import { buffer } from 'node:stream/consumers';

import { type AutomationContext, AutomationError, type TraceMode } from '@gantry/automations';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

const CANARY = 'canary-7f3a91c2';

/** Runs a job of one attempt, and reads the traces that it left, by name. */
async function traceOf(
  o: { automation?: TraceMode; worker?: TraceMode; fails?: boolean },
  run: (context: AutomationContext) => Promise<unknown> = () => Promise.resolve(),
) {
  await using queue = await createQueue();
  const automation = automationOf(
    async (context) => {
      await run(context);
      if (o.fails) throw new AutomationError('SITE_BROKEN', 'The site is broken.');
    },
    { maxAttempts: 1, ...(o.automation && { trace: o.automation }) },
  );
  await using _worker = await queue.startWorker([automation], { trace: o.worker });
  const jobId = await queue.submit('a-service', { input: { password: CANARY } });
  await queue.untilStatus(jobId, o.fails ? 'failed' : 'completed');
  const { artifacts } = await queue.results(jobId);
  const traces = artifacts.filter(({ name }) => name.startsWith('trace-'));
  return await Promise.all(
    traces.map(async ({ name, storageKey }) => ({
      name,
      files: unzipSync(await buffer(await queue.storage.get(storageKey))),
    })),
  );
}

test('a trace holds pictures, steps, rows and lines in their order, and no secret', async () => {
  const [trace] = await traceOf({ automation: 'always' }, async (context) => {
    context.step('Painting');
    await context.page.setContent(
      `<body style="background: red"><script>console.log("painted with ${CANARY}")</script>`,
    );
    context.log('info', `It is ${CANARY}.`);
    await context.emitRow({
      index: 0,
      key: 'k',
      status: 'failed',
      data: {},
      error: { code: 'X', message: 'No.' },
    });
    await context.page.setContent('<body style="background: blue">');
  });
  expect(trace?.name).toBe('trace-attempt-1.zip');
  const { entries, frames, durationMs, ...about } = JSON.parse(
    strFromU8(trace?.files['trace.json'] ?? new Uint8Array()),
  );
  expect(about).toEqual({ version: 1, jobId: expect.any(String), attempt: 1, startedAt: expect.any(String) });
  expect(entries).toMatchObject([
    { type: 'step', name: 'Painting' },
    { type: 'console', page: 1, level: 'log', message: expect.stringContaining('painted with REDACTED') },
    { type: 'log', level: 'info', message: 'It is REDACTED.' },
    { type: 'row', index: 0, line: null, key: 'k', status: 'failed', message: 'No.' },
  ]);
  expect(frames.length).toBeGreaterThan(0);
  for (const { file, atMs } of frames) {
    expect([...(trace?.files[file]?.subarray(0, 2) ?? [])]).toEqual([0xff, 0xd8]);
    expect(atMs).toBeLessThanOrEqual(durationMs);
  }
});

test.for([
  [{}, 0],
  [{ fails: true }, 0],
  [{ automation: 'on-failure' }, 0],
  [{ automation: 'on-failure', fails: true }, 1],
  [{ automation: 'always', worker: 'off' }, 0],
  [{ worker: 'always' }, 1],
] as const)('what is said of traces in %j leaves %i', async ([o, count]) => {
  expect(await traceOf(o)).toHaveLength(count);
});
