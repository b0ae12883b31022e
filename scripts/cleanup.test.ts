import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import {
  claimJobs,
  createDirectoryStorage,
  createServicePool,
  createUpload,
  getJob,
  newUploadKey,
  publishService,
  registerWorker,
  submitJob,
  withTransaction,
} from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';
import { fillDataDir } from '@gantry/embedded/testing';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const TWO_DAYS_AGO = new Date(Date.now() - 2 * 86_400_000);

/** Runs it; the count of each line by what was counted. */
async function cleanUp(dataDir: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/cleanup.ts')], {
    env: { ...process.env, GANTRY_DATA_DIR: dataDir, BROWSER_ROOT_DIR: join(dataDir, 'b') },
  });
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(8), Number(line.slice(0, 6))]),
  );
}

test('removes what dead owners left and nothing else, while the system runs and when it is down', async () => {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-cleanup-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  await fillDataDir(dataDir);
  const directories = join(dataDir, 'b');
  await makeBrowserDirectories(directories);
  {
    await using running = new AsyncDisposableStack();
    const migrationsDir = join(ROOT, 'supabase/migrations');
    const embedded = running.use(await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir }));
    const { databaseUrl } = embedded;
    const db = running.adopt(createServicePool({ databaseUrl, applicationName: 'test' }), (p) => p.end());
    const { abandoned, expired, wanted } = await fillQueue(db, join(dataDir, 'storage'));

    expect(await cleanUp(dataDir)).toEqual({
      'orphaned browser processes killed': 0,
      'browser directories of dead workers removed': 1,
      'jobs of dead workers given to others': 1,
      'expired jobs deleted': 1,
      'stale uploads deleted': 1,
      'files of expired jobs and of nobody deleted': 1,
      'entries of old workers deleted': 0,
    });

    expect(await readdir(directories)).toEqual(['chrome_user_data_1_1_FOREIG', 'something-else']);
    expect(await getJob(db, abandoned)).toMatchObject({ status: 'pending', cause: { code: 'worker_lost' } });
    expect(await getJob(db, expired)).toBeNull();
    expect(await readdir(join(dataDir, 'storage/uploads'))).toEqual([wanted]);
  }

  const again = await cleanUp(dataDir);
  expect(Object.values(again)).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

/** One of a dead worker, one that only looks like ours, and one of somebody else. */
async function makeBrowserDirectories(rootDir: string): Promise<void> {
  const ours = join(rootDir, 'chrome_user_data_1_1_ABCDEF');
  for (const directory of [
    ours,
    join(rootDir, 'chrome_user_data_1_1_FOREIG'),
    join(rootDir, 'something-else'),
  ])
    await mkdir(directory, { recursive: true });
  const dead = { pid: 2 ** 22 - 1, startTime: '1' };
  const owner = {
    workerId: 'w',
    jobId: 'j',
    attempt: 1,
    bootId: 'an earlier one',
    process: dead,
    browser: dead,
  };
  await writeFile(join(ours, 'owner.json'), JSON.stringify(owner));
}

async function fillQueue(db: ReturnType<typeof createServicePool>, directory: string) {
  const service = { name: 'A service', description: '', category: 'Tests', version: '1' };
  await publishService(db, {
    ...service,
    id: 'a-service',
    queue: 'default',
    inputSchema: {},
    acceptedFiles: null,
    answerColumns: [],
    timeoutMs: 60_000,
    maxAttempts: 3,
  });
  const storage = createDirectoryStorage({ directory });
  const userId = await findUser(db);
  const upload = async () => {
    const storageKey = newUploadKey();
    const stored = await storage.put(storageKey, Buffer.from('a'), { contentType: 'text/csv' });
    const file = { fileName: 'a.csv', contentType: 'text/csv', rowCount: 1, userId, storageKey };
    return createUpload(db, { ...file, ...stored });
  };
  const submit = async (uploadId?: string) =>
    (await submitJob(db, { userId, serviceId: 'a-service', input: {}, uploadId })).jobId;

  const abandoned = await submit();
  const dead = randomUUID();
  await registerWorker(db, {
    id: dead,
    host: 'here',
    pid: 1,
    version: '1',
    services: ['a-service'],
    concurrency: 1,
    sessionKey: 1,
  });
  expect(await claimJobs(db, { workerId: dead, limit: 1, leaseMs: 600_000 })).toHaveLength(1);

  const expired = await submit();
  await db.query(`select gantry.cancel_job($1, 'cancelled_by_owner', 0)`, [expired]);
  const stale = await upload();
  await db.query('update public.automation_uploads set created_at = $1 where id = $2', [
    TWO_DAYS_AGO,
    stale.id,
  ]);
  const used = await upload();
  await submit(used.id);
  const nobodys = newUploadKey();
  await storage.put(nobodys, Buffer.from('a'), { contentType: 'text/csv' });
  await utimes(join(directory, nobodys), TWO_DAYS_AGO, TWO_DAYS_AGO);
  return { abandoned, expired, wanted: used.storageKey.replace('uploads/', '') };
}

/** A demo account. The service role may not look into `auth`; who signed in to the database may. */
function findUser(pool: ReturnType<typeof createServicePool>): Promise<string> {
  return withTransaction(pool, async (db) => {
    await db.query('set local role none');
    const { rows } = await db.query<{ id: string }>('select id from auth.users limit 1');
    return rows[0]?.id ?? '';
  });
}
