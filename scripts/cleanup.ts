// `pnpm cleanup`: removes what dead owners left, here and in the queue. Also while everything runs.
import { join } from 'node:path';

import { checkProject } from '@gantry/backend';
import { sweepBrowsers } from '@gantry/chrome';
import {
  checkDatabase,
  createDirectoryStorage,
  createServicePool,
  createSupabaseStorage,
  DEFAULTS,
  expireJobs,
  pause,
  rescueJobs,
  sweepStorage,
} from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';

import { type Config, readConfig } from '../apps/worker/src/config.ts';

const say = (count: number, what: string) => process.stdout.write(`${String(count).padStart(6)}  ${what}\n`);

const fail = (error: unknown) => {
  process.stderr.write(`gantry cleanup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
};

try {
  await cleanUp(readConfig(process.env));
} catch (error) {
  fail(error);
}

async function cleanUp(config: Config): Promise<void> {
  const browsers = await sweepBrowsers({ rootDir: config.browserRootDir, onError: fail });
  say(browsers.killedProcesses, 'orphaned browser processes killed');
  say(browsers.removedDirectories, 'browser directories of dead workers removed');

  await using stack = new AsyncDisposableStack();
  const { supabase } = config;
  if (supabase) {
    await Promise.all([checkDatabase(supabase.databaseUrl, config.migrationsDir), checkProject(supabase)]);
  }
  const embedded = supabase ? null : stack.use(await openEmbedded(config));
  const databaseUrl = supabase?.databaseUrl ?? embedded?.databaseUrl ?? '';
  const db = stack.adopt(
    createServicePool({ databaseUrl, applicationName: 'gantry-cleanup', max: 2 }),
    (pool) => pool.end(),
  );
  const storage = supabase
    ? createSupabaseStorage({ ...supabase, db })
    : createDirectoryStorage({ directory: join(config.dataDir, 'storage') });

  say(await rescue(), 'jobs of dead workers given to others');
  const expired = await expireJobs(db, storage);
  say(expired.jobs, 'expired jobs deleted');
  const swept = await sweepStorage(db, storage);
  say(swept.uploads, 'stale uploads deleted');
  say(expired.files + swept.files, 'files of expired jobs and of nobody deleted');
  say(swept.workers, 'entries of old workers deleted');

  /** The first look notices that a session is gone; after the grace, in which it may come back, the second takes its jobs. */
  async function rescue(): Promise<number> {
    const { resultTtlMs, stuckAfterMs } = config;
    const first = await rescueJobs(db, { resultTtlMs, stuckAfterMs });
    await pause(DEFAULTS.sessionGraceMs, new AbortController().signal);
    const second = await rescueJobs(db, { resultTtlMs, stuckAfterMs });
    return first.length + second.length;
  }
}
