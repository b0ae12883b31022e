import { defineAutomation } from '@gantry/automations';
import { SheetPool } from '@gantry/sheet/pool';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { startWorker } from '../../src/start-worker.ts';
import { createQueue } from '../fixture.ts';
import { automationOf } from '../test-automations.ts';

const LIST = defineAutomation({
  id: 'list',
  name: 'List',
  description: 'For tests',
  category: 'Tests',
  version: '1',
  input: z.looseObject({}),
  file: {
    required: true,
    formats: ['csv'],
    maxBytes: 1_000,
    maxRows: 10,
    keyColumn: 'name',
    columns: [{ key: 'name', label: 'Name', aliases: [], format: 'text', required: true }],
  },
  egress: { allowPublic: false, allowPrivateOrigins: [] },
  run: async () => ({ summary: {} }),
});

test('a file that takes too long to read fails its job at once, and costs no lease', async () => {
  await using queue = await createQueue();
  const deps = queue.deps([LIST, automationOf(async () => {}, { queue: 'fast' })], {
    concurrency: 2,
    leaseMs: 3_000,
  });
  await using sheets = new SheetPool({
    threads: 1,
    // Longer than a lease.
    limits: { cpuMs: deps.config.leaseMs + 500, totalMs: 600_000 },
    script: new URL('looping-thread.ts', import.meta.url),
  });
  const worker = await startWorker({ ...deps, sheets });
  try {
    const slow = await queue.submit('list', { csv: 'Name\nAda\n' });
    await queue.untilStatus(slow, 'processing');
    const other = await queue.submit('a-service');
    await queue.untilStatus(other, 'completed');
    const failed = await queue.untilStatus(slow, 'failed', 100_000);
    expect(failed).toMatchObject({
      attempt: 1,
      error: { code: 'FILE_TOO_COMPLEX', message: expect.stringContaining('Split it') },
    });
  } finally {
    await worker.stop('release');
  }
});
