import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineAutomation } from '@gantry/automations';
import { createDirectoryStorage, createServicePool } from '@gantry/core';
import { SheetPool } from '@gantry/sheet/pool';
import { pino } from 'pino';
import { z } from 'zod';

import { readConfig } from '../../../apps/worker/src/config.ts';
import { readInputs } from '../../../apps/worker/src/inputs/read-inputs.ts';
import { startWorker } from '../../../apps/worker/src/start-worker.ts';
import { numberOf, QUEUE, SERVICE_ID } from './gantry-database.ts';

const noop = defineAutomation({
  id: SERVICE_ID,
  name: 'No-op',
  description: 'Does nothing',
  category: 'Bench',
  queue: QUEUE,
  version: '1',
  input: z.strictObject({ n: z.number() }),
  file: null,
  egress: { allowPublic: false, allowPrivateOrigins: [] },
  run: () => Promise.resolve({ summary: {} }),
});

/**
 * The product's worker with its default settings, its log on /dev/null, and no browser. An attempt reads its inputs and is
 * completed. Left out: taking, recording and killing the browser, the statement that stores what it cost, and events
 * of the automation.
 *
 * @param onStart called with the number of a job when its inputs have been read
 */
export async function openBenchWorker(
  databaseUrl: string,
  o: { slots: number; onStart: (n: number) => void },
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'gantry-bench-worker-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const config = readConfig({
    GANTRY_DATA_DIR: directory,
    BROWSER_ROOT_DIR: directory,
    WORKER_CONCURRENCY: String(o.slots),
  });
  const max = config.databasePoolSize;
  const pool = stack.adopt(
    createServicePool({ databaseUrl, applicationName: 'bench-worker', max }),
    (opened) => opened.end(),
  );
  const worker = await startWorker(
    {
      config,
      databaseUrl,
      pool,
      storage: createDirectoryStorage({ directory }),
      sheets: stack.use(new SheetPool({ threads: 1 })),
      automations: [noop],
      binary: null,
      log: pino({ level: config.logLevel }, pino.destination('/dev/null')),
    },
    async (deps, { automation, run }) => {
      const { signal } = run.lease;
      await readInputs(deps, { automation, job: run.job, isFirst: run.job.attempt === 1, signal });
      o.onStart(numberOf(run.job.input));
      return { outcome: { kind: 'completed', summary: {} }, usage: null };
    },
  );
  stack.defer(() => worker.stop('drain'));
  const resources = stack.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
