// A worker in a process of its own, for tests that kill or freeze it. Its settings come as JSON in the first argument.
import { join } from 'node:path';

import { findBrowser } from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import { createDirectoryStorage, createServicePool } from '@gantry/core';
import { SheetPool } from '@gantry/sheet/pool';
import { pino } from 'pino';

import { listenForStop } from '../src/process/listen-for-stop.ts';
import { logUnhandledRejections } from '../src/process/log-unhandled-rejections.ts';
import { startWorker } from '../src/start-worker.ts';
import type { WorkerDeps } from '../src/worker-deps.ts';
import { withFault } from './faults/fault-points.ts';
import { type ProcessSettings, quickConfig } from './process-settings.ts';
import { carelessOf, filerOf, killerOf, rowsOf } from './test-automations.ts';

const settings: ProcessSettings = JSON.parse(process.argv[2] ?? '{}');
const { databaseUrl, directory, gateUrl, queue = 'default', fault, config } = settings;
const asked = listenForStop();
const pool = createServicePool({ databaseUrl, applicationName: 'test-worker' });
const deps: WorkerDeps = {
  config: quickConfig({ browserRootDir: join(directory, 'b'), ...config }),
  databaseUrl,
  pool,
  storage: createDirectoryStorage({ directory: join(directory, 'storage') }),
  sheets: new SheetPool({ threads: 1 }),
  automations: [rowsOf(gateUrl, { queue }), killerOf({ queue }), filerOf({ queue }), carelessOf({ queue })],
  binary: await findBrowser({ cacheDir: TEST_CACHE_DIR }),
  log: pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
};
logUnhandledRejections(deps.log);
const worker = await startWorker(withFault(deps, fault));
// The test may have gone on without us.
if (process.connected) process.send?.('ready');
asked.toRelease.addEventListener('abort', () => void worker.stop('release'));
asked.toDrain.addEventListener('abort', () => {
  void worker.stop('drain').then(() => {
    void pool.end();
    if (process.connected) process.disconnect();
  });
});
