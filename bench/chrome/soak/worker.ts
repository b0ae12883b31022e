// The worker that is soaked: the product's, with automations that break their browsers.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { type Automation, defineAutomation } from '@gantry/automations';
import { createDirectoryStorage, createServicePool } from '@gantry/core';
import { SheetPool } from '@gantry/sheet/pool';
import { readConfig } from '@gantry/worker/src/config.ts';
import { listenForStop } from '@gantry/worker/src/process/listen-for-stop.ts';
import { startWorker } from '@gantry/worker/src/start-worker.ts';
import { pino } from 'pino';
import { z } from 'zod';

import { FAULTS } from './faults.ts';
import { QUEUE, SERVICES, SHORT_TIMEOUT_MS, type SoakOrder, type WorkerMemory } from './order.ts';

const order: SoakOrder = JSON.parse(process.argv[2] ?? '{}');
const asked = listenForStop();
const pool = createServicePool({ databaseUrl: order.databaseUrl, applicationName: 'soak-worker' });
const log = pino({ level: 'fatal' });
const worker = await startWorker({
  config: readConfig({
    BROWSER_ROOT_DIR: order.rootDir,
    WORKER_CONCURRENCY: String(order.concurrency),
    WARM_BROWSERS: String(order.warmBrowsers),
  }),
  databaseUrl: order.databaseUrl,
  pool,
  storage: createDirectoryStorage({ directory: order.storageDir }),
  sheets: new SheetPool({ threads: 1 }),
  automations: [automationOf(SERVICES.plain, 60_000), automationOf(SERVICES.short, SHORT_TIMEOUT_MS)],
  binary: order.binary,
  log,
});
process.on('message', () => process.send?.(measureMemory()));
process.send?.('ready');
asked.toDrain.addEventListener('abort', () => void end());

function automationOf(id: string, timeoutMs: number): Automation {
  return defineAutomation({
    id,
    name: id,
    description: 'Visits a page, and may break its browser',
    category: 'Bench',
    version: '1',
    queue: QUEUE,
    timeoutMs,
    maxAttempts: 1,
    input: z.object({ fault: z.string().nullable() }),
    file: null,
    egress: { allowPublic: false, allowPrivateOrigins: [order.origin] },
    async run({ page, input }) {
      await page.goto(order.origin);
      if (input.fault !== null) await FAULTS[input.fault]?.strike(page);
      return { summary: { title: await page.title() } };
    },
  });
}

function measureMemory(): WorkerMemory {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return { heap: process.memoryUsage().heapUsed, resident: process.memoryUsage.rss() };
}

async function end(): Promise<void> {
  await worker.stop('drain');
  await pool.end();
  process.disconnect();
}
