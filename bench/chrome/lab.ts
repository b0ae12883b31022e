import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type BrowserBinary, findBrowser } from '@gantry/chrome';

import type { Figures } from '../report/statistics.ts';
import { endProcessesOf } from './browser-processes.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 300_000;

/** Where a process works. */
export type Site = { binary: BrowserBinary; rootDir: string; origin: string };

/** What a process is told that measures: where, and what of whom. */
export type Order = Site & { contender: string; measure: string; size: 'full' | 'quick' };

/** A browser unpacked for this run alone, and a site in a process of its own. */
export type Lab = AsyncDisposable & {
  binary: BrowserBinary;
  /** Everything of this run is below it. */
  directory: string;
  /** Where browsers have their directories. */
  rootDir: string;
  /** Runs a script of this directory in a process of its own. @returns what it found; null if it cannot tell */
  measure(script: string, order: Omit<Order, keyof Site>): Promise<Figures | null>;
  /** Starts a script that goes on until it is ended; resolves when it has sent its first message. */
  start(script: string, order: object, nodeOptions?: string[]): Promise<ChildProcess>;
};

/** Opens it below the system's temporary directory: sockets lie there, so the path must be short. */
export async function openLab(): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'gbench-'));
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const rootDir = join(directory, 'b');
  await mkdir(rootDir);
  const binary = await findBrowser({ cacheDir: join(directory, 'browser') });
  stack.defer(() => endProcessesOf(binary.executablePath));
  const server = fork(join(import.meta.dirname, 'site.ts'));
  stack.defer(() => void server.kill());
  const [origin]: unknown[] = await once(server, 'message');
  if (typeof origin !== 'string') throw new Error('The site did not say where it is.');
  const site: Site = { binary, rootDir, origin };
  // What a contender writes elsewhere goes too.
  const env = { ...process.env, TMPDIR: rootDir };
  const commandOf = (script: string, order: object): [string, string[]] => [
    join(import.meta.dirname, script),
    [JSON.stringify({ ...order, ...site })],
  ];
  const children = new Set<ChildProcess>();
  stack.defer(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const resources = stack.move();
  return {
    binary,
    directory,
    rootDir,
    async measure(script, order) {
      const [path, args] = commandOf(script, order);
      const { stdout } = await run(process.execPath, [path, ...args], { env, timeout: TIMEOUT_MS });
      // What one leaves must not slow the next.
      await endProcessesOf(binary.executablePath);
      return JSON.parse(stdout);
    },
    async start(script, order, execArgv = []) {
      const child = fork(...commandOf(script, order), { env, execArgv });
      children.add(child);
      const ended = once(child, 'exit').then(() => {
        throw new Error(`${script} ended before it was ready.`);
      });
      ended.catch(() => {});
      await Promise.race([once(child, 'message'), ended]);
      return child;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
