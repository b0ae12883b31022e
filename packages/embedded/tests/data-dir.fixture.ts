import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll } from 'vitest';

import { type EmbeddedOptions, openEmbedded } from '../src/index.ts';
import { openDatabase } from '../src/open-database.ts';
import { copyDirectory } from '../src/testing/copy-directory.ts';

let template: Promise<string> | undefined;
afterAll(async () => {
  if (template) await rm(await template, { recursive: true });
  template = undefined;
});

/** A data directory that was opened before, to copy: that saves each test an initdb. */
async function makeTemplate(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'gantry-embedded-'));
  const migrationsDir = join(home, 'supabase/migrations');
  await mkdir(migrationsDir, { recursive: true });
  await writeFile(
    join(migrationsDir, '20250101000000_add_word.sql'),
    'create table public.words (word text);',
  );
  const database = await openDatabase({ dataDir: join(home, 'data'), migrationsDir });
  await database[Symbol.asyncDispose]();
  await rm(join(home, 'data/port'));
  return home;
}

/**
 * A data directory with one small migration: opened before and without people in it, or with `isNew` not there yet.
 */
export async function createDataDir({ isNew = false } = {}) {
  template ??= makeTemplate();
  const home = await mkdtemp(join(tmpdir(), 'gantry-embedded-'));
  await copyDirectory(await template, home);
  await chmod(home, 0o755);
  const migrationsDir = join(home, 'supabase/migrations');
  const dataDir = join(home, 'data');
  if (isNew) await rm(dataDir, { recursive: true });
  const cluster = join(dataDir, 'postgres');
  const processes: ChildProcess[] = [];
  return {
    home,
    dataDir,
    cluster,
    migrationsDir,
    open: (o: Partial<EmbeddedOptions> = {}) =>
      openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir, ...o }),
    /** Another process that opens the data directory and stays. */
    async openElsewhere(as: { uid?: number; gid?: number } = {}) {
      const child = this.startElsewhere(as);
      const [line]: unknown[] = await once(child.stdout, 'data');
      const opened: { isOwner: boolean; databaseUrl: string } = JSON.parse(String(line));
      return { ...opened, child, pid: await this.postmasterPid() };
    },
    /** The same, without waiting until it is open. */
    startElsewhere(as: { uid?: number; gid?: number } = {}) {
      const script = join(import.meta.dirname, 'open-and-stay.ts');
      const child = spawn(process.execPath, [script, dataDir, migrationsDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: '/',
        ...as,
      });
      processes.push(child);
      return child;
    },
    async postmasterPid() {
      return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    },
    async [Symbol.asyncDispose]() {
      for (const child of processes) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      if (existsSync(join(cluster, 'postmaster.pid'))) throw new Error(`${cluster} still has a Postgres.`);
      await rm(home, { recursive: true });
    },
  };
}

/** Runs one statement with a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
