// `pnpm cleanup`: removes what dead owners left, here and in the queue. Also while everything runs.

import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { sweepBrowsers } from '@gantry/chrome';
import {
  createDirectoryStorage,
  createServicePool,
  createSupabaseStorage,
  expireJobs,
  rescueJobs,
  sweepStorage,
} from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';

const ROOT = resolve(import.meta.dirname, '..');
const { env } = process;
const say = (count: number, what: string) => process.stdout.write(`${String(count).padStart(6)}  ${what}\n`);

try {
  await cleanUp();
} catch (error) {
  process.stderr.write(`gantry cleanup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function cleanUp(): Promise<void> {
  const browsers = await sweepBrowsers({ rootDir: env['BROWSER_ROOT_DIR'] ?? tmpdir() });
  say(browsers.killedProcesses, 'orphaned browser processes killed');
  say(browsers.removedDirectories, 'browser directories of dead workers removed');

  await using stack = new AsyncDisposableStack();
  const dataDir = resolve(ROOT, env['GANTRY_DATA_DIR'] ?? '.gantry');
  const url = env['DATABASE_URL'];
  const embedded = url
    ? null
    : stack.use(
        await openEmbedded({
          dataDir,
          host: env['HOST'] ?? '127.0.0.1',
          migrationsDir: resolve(ROOT, 'supabase/migrations'),
        }),
      );
  const databaseUrl = url ?? embedded?.databaseUrl ?? '';
  const db = stack.adopt(
    createServicePool({ databaseUrl, applicationName: 'gantry-cleanup', max: 2 }),
    (pool) => pool.end(),
  );
  const storage = url
    ? createSupabaseStorage({ url: env['SUPABASE_URL'] ?? '', secretKey: env['SUPABASE_SECRET_KEY'] ?? '' })
    : createDirectoryStorage({ directory: join(dataDir, 'storage') });

  // The first look notices that a session is gone, the second, after the grace, takes its jobs.
  const rescued = [...(await rescueJobs(db)), ...(await rescueJobs(db))];
  say(rescued.length, 'jobs of dead workers given to others');
  const expired = await expireJobs(db, storage);
  say(expired.jobs, 'expired jobs deleted');
  const swept = await sweepStorage(db, storage);
  say(swept.uploads, 'stale uploads deleted');
  say(expired.files + swept.files, 'files deleted');
  say(swept.workers, 'entries of old workers deleted');
}
