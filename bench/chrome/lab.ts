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

/** What a process is told that measures: where, and what of whom. */
export type Order = {
  contender: string;
  measure: string;
  size: 'full' | 'quick';
  binary: BrowserBinary;
  rootDir: string;
  origin: string;
};

/** A browser unpacked for this run alone, and a site in a process of its own. */
export type Lab = AsyncDisposable & {
  binary: BrowserBinary;
  /** Origin of the site. */
  origin: string;
  /** Where browsers have their directories. */
  rootDir: string;
  /** Runs a script of this directory in a process of its own. @returns what it found; null if it cannot tell */
  measure(script: string, order: Pick<Order, 'contender' | 'measure' | 'size'>): Promise<Figures | null>;
  /** Starts a script that goes on until it is killed; resolves when it has sent its first message. */
  start(script: string, order: Pick<Order, 'contender' | 'measure' | 'size'>): Promise<ChildProcess>;
};

/** Opens it below the system's temporary directory: sockets lie there, so the path must be short. */
export async function openLab(): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'gb-'));
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const rootDir = join(directory, 'b');
  await mkdir(rootDir);
  const binary = await findBrowser({ cacheDir: join(directory, 'browser') });
  stack.defer(() => endProcessesOf(binary.executablePath));
  const site = fork(join(import.meta.dirname, 'site.ts'));
  stack.defer(() => void site.kill());
  const [origin]: unknown[] = await once(site, 'message');
  if (typeof origin !== 'string') throw new Error('The site did not say where it is.');
  // What a contender writes elsewhere goes too.
  const env = { ...process.env, TMPDIR: rootDir };
  const argumentsOf = (script: string, order: Pick<Order, 'contender' | 'measure' | 'size'>) => ({
    path: join(import.meta.dirname, script),
    args: [JSON.stringify({ ...order, binary, rootDir, origin } satisfies Order)],
  });
  const resources = stack.move();
  return {
    binary,
    origin,
    rootDir,
    async measure(script, order) {
      const { path, args } = argumentsOf(script, order);
      const { stdout } = await run(process.execPath, [path, ...args], { env, timeout: TIMEOUT_MS });
      // What one leaves must not slow the next.
      await endProcessesOf(binary.executablePath);
      return JSON.parse(stdout);
    },
    async start(script, order) {
      const { path, args } = argumentsOf(script, order);
      const child = fork(path, args, { env });
      const ended = once(child, 'exit').then(() => {
        throw new Error(`${script} ended before it was ready.`);
      });
      await Promise.race([once(child, 'message'), ended]);
      ended.catch(() => {});
      return child;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
