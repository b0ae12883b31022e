import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { openEmbedded } from '@gantry/embedded';

import type { Figures } from '../report/statistics.ts';
import type { DatabaseUrls } from './contender.ts';
import { findContender } from './contenders/index.ts';
import { execute } from './execute.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

/** A Postgres as the product starts it, with a database for each contender. */
export type Lab = AsyncDisposable & {
  /** Makes the database of a contender. */
  add(id: string): Promise<void>;
  /** Runs one measurement in a process of its own, in a queue without earlier jobs. */
  measure(id: string, measure: string, size: 'full' | 'quick'): Promise<Figures>;
  /** Puts a million future and a million finished jobs beside what is measured from then on, or a million ready ones. */
  fill(id: string, million: number, how?: 'fill' | 'fillReady'): Promise<void>;
  urlsOf(id: string): DatabaseUrls;
};

/** Starts it in a temporary directory. */
export async function openLab(): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const embedded = stack.use(
    await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir: join(ROOT, 'supabase/migrations') }),
  );
  const filled = new Set<string>();
  const urlsOf = (id: string): DatabaseUrls => ({
    app: withDatabase(embedded.databaseUrl, `bench_${id}`),
    auth: withDatabase(embedded.authDatabaseUrl, `bench_${id}`),
  });
  const resources = stack.move();
  return {
    urlsOf,
    async add(id) {
      // Made from the database of the product, which nobody uses meanwhile.
      const maintenance = withDatabase(embedded.databaseUrl, 'template1');
      await execute(maintenance, [`create database "bench_${id}" template postgres`]);
      await findContender(id).prepare(urlsOf(id));
    },
    async measure(id, measure, size) {
      const { app, auth } = urlsOf(id);
      const { clear } = findContender(id);
      if (!filled.has(id)) await execute(app, clear);
      const { stdout } = await run(
        process.execPath,
        [join(import.meta.dirname, 'run-one.ts'), id, measure, size, app, auth],
        { timeout: 300_000 },
      );
      return JSON.parse(stdout);
    },
    async fill(id, million, how = 'fill') {
      const { app } = urlsOf(id);
      const contender = findContender(id);
      // So many jobs do not come at once: autovacuum has been there.
      await execute(app, [...contender.clear, ...(contender[how]?.(million) ?? []), 'vacuum analyze']);
      filled.add(id);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function withDatabase(url: string, name: string): string {
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
