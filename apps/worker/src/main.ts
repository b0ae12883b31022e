import { once } from 'node:events';
import { join } from 'node:path';

import { createAutomations } from '@gantry/automations';
import { findBrowser } from '@gantry/chrome';
import { createDirectoryStorage, createServicePool, createSupabaseStorage } from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';
import { pino } from 'pino';

import { type Config, readConfig } from './config.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';
import type { WorkerDeps } from './worker-deps.ts';

try {
  await run(readConfig(process.env));
} catch (error) {
  process.stderr.write(`gantry worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel });
  await using stack = new AsyncDisposableStack();
  const { supabase } = config;
  const embedded = supabase ? null : stack.use(await openEmbedded(config));
  const databaseUrl = supabase?.databaseUrl ?? embedded?.databaseUrl ?? '';
  const pool = stack.adopt(
    createServicePool({ databaseUrl, applicationName: 'gantry-worker', max: config.concurrency + 5 }),
    (p) => p.end(),
  );
  const deps: WorkerDeps = {
    config,
    databaseUrl,
    pool,
    storage: supabase
      ? createSupabaseStorage(supabase)
      : createDirectoryStorage({ directory: join(config.dataDir, 'storage') }),
    automations: createAutomations({
      ctgPort: config.ctgPort,
      pageCapture: { allowPrivateOrigins: config.allowPrivateOrigins },
    }),
    binary: await findBrowser({ chromePath: config.chromePath, cacheDir: join(config.dataDir, 'browser') }),
    log,
  };

  const asked = new AbortController();
  let worker: RunningWorker | null = null;
  const stop = () => {
    // Asked once, it drains; asked again, it gives everything back at once.
    if (asked.signal.aborted) void worker?.stop();
    asked.abort();
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, stop);

  // A worker that others gave up, after a long silence of the database, begins anew under another id.
  while (!asked.signal.aborted) {
    worker = await startWorker(deps);
    // Whoever started this process learns that it can take jobs.
    process.send?.('ready');
    await Promise.race([once(asked.signal, 'abort'), worker.lost]);
    await worker.stop();
  }
}
