import { join } from 'node:path';

import { createAutomations } from '@gantry/automations';
import { checkProject } from '@gantry/backend';
import { findBrowser, unlessAborted } from '@gantry/chrome';
import {
  checkDatabase,
  createDirectoryStorage,
  createServicePool,
  createSupabaseStorage,
} from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';
import { SheetPool } from '@gantry/sheet/pool';
import { pino } from 'pino';

import { type Config, readConfig } from './config.ts';
import { findDemoPort } from './process/demo-port-file.ts';
import { listenForStop } from './process/listen-for-stop.ts';
import { logUnhandledRejections } from './process/log-unhandled-rejections.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';
import type { WorkerDeps } from './worker-deps.ts';

const SHEET_THREADS = 2;

try {
  const { dataDir } = readConfig(process.env);
  await run(readConfig({ ...(await findDemoPort(dataDir)), ...process.env }));
} catch (error) {
  process.stderr.write(`gantry worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(config: Config): Promise<void> {
  const asked = listenForStop();
  const log = pino({ level: config.logLevel });
  logUnhandledRejections(log);
  await using stack = new AsyncDisposableStack();
  const { supabase } = config;
  if (supabase) {
    const database = checkDatabase(supabase.databaseUrl, config.migrationsDir);
    for (const warning of (await Promise.all([database, checkProject(supabase)])).flat()) log.warn(warning);
  }
  const embedded = supabase ? null : stack.use(await openEmbedded(config));
  const databaseUrl = supabase?.databaseUrl ?? embedded?.databaseUrl ?? '';
  const pool = stack.adopt(
    createServicePool({ databaseUrl, applicationName: 'gantry-worker', max: config.databasePoolSize }),
    (p) => p.end(),
  );
  const deps: WorkerDeps = {
    config,
    databaseUrl,
    pool,
    storage: supabase
      ? createSupabaseStorage({ ...supabase, db: pool })
      : createDirectoryStorage({ directory: join(config.dataDir, 'storage') }),
    sheets: stack.use(new SheetPool({ threads: SHEET_THREADS })),
    automations: createAutomations({
      ctgPort: config.ctgPort,
      pageCapture: { allowPrivateOrigins: config.allowPrivateOrigins },
    }),
    binary: config.browser.endpoint
      ? null
      : await findBrowser({ chromePath: config.chromePath, cacheDir: join(config.dataDir, 'browser') }),
    log,
  };

  // A worker that others gave up, after a long silence of the database, begins anew under another id.
  while (!asked.toDrain.aborted) {
    const worker = await startWorker(deps);
    // Tells the parent process that the worker can take jobs.
    process.send?.('ready');
    // Until it is stopped, which is no failure, or cannot continue.
    await unlessAborted(worker.lost, asked.toDrain).catch(() => {});
    await end(worker, asked);
  }
}

async function end(worker: RunningWorker, asked: ReturnType<typeof listenForStop>): Promise<void> {
  const release = () => void worker.stop('release');
  asked.toRelease.addEventListener('abort', release);
  await worker.stop(asked.toRelease.aborted ? 'release' : 'drain');
  asked.toRelease.removeEventListener('abort', release);
}
