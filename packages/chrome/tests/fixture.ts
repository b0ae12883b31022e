import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WARM_UP_HOST } from '../src/egress/warm-up-page.ts';
import {
  type BrowserBinary,
  type BrowserPoolOptions,
  type EgressPolicy,
  findBrowser,
  type LaunchOptions,
  launchBrowser,
  openBrowserPool,
  type TakeOptions,
} from '../src/index.ts';
import { type OwnerRecord, readOwner } from '../src/process/browser-directory.ts';
import { findBrowserProcesses } from '../src/process/find-browser-processes.ts';
import { TEST_CACHE_DIR } from '../src/testing.ts';

/** What a process of its own runs. */
export const LAUNCH_AND_WAIT = join(import.meta.dirname, 'launch-and-wait.ts');

export const OWNER = { workerId: 'worker', jobId: 'job', attempt: 1 };

/** The browser that is tested: the one that users get, or the one that CHROME_PATH names. */
export function findTestBrowser(): Promise<BrowserBinary> {
  return findBrowser({ chromePath: process.env['CHROME_PATH'], cacheDir: TEST_CACHE_DIR });
}

/** A directory for browsers, and launches into it. Fails at the end if anything was left. */
export async function createBrowserRoot() {
  const rootDir = await mkdtemp(join(tmpdir(), 'gb-'));
  const binary = await findTestBrowser();
  return {
    rootDir,
    launch: (o: Partial<LaunchOptions> = {}) =>
      launchBrowser({
        binary,
        rootDir,
        owner: OWNER,
        egress: { allowPublic: true, allowPrivateOrigins: [] },
        ...o,
      }),
    /** A pool with one warm browser, which is there unless `isSettled` is false. */
    async openPool({ isSettled = true, ...o }: Partial<BrowserPoolOptions> & { isSettled?: boolean } = {}) {
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      const pool = await openBrowserPool({
        binary,
        rootDir,
        workerId: 'worker',
        warmBrowsers: 1,
        minFreeMemoryBytes: 0,
        onError,
        ...o,
      });
      if (isSettled) await pool.settled();
      return {
        pool,
        /** Of warm browsers. */
        errors,
        take: (options: Partial<TakeOptions> = {}) =>
          pool.take({ owner: OWNER, egress: { allowPublic: true, allowPrivateOrigins: [] }, ...options }),
        [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
      };
    },
    /** The browsers that there are: where, and what their owner files say. */
    async owners(): Promise<{ directory: string; owner: OwnerRecord }[]> {
      const names = (await readdir(rootDir)).sort();
      const found = names.map(async (name) => {
        const directory = join(rootDir, name);
        const owner = await readOwner(directory);
        return owner ? [{ directory, owner }] : [];
      });
      return (await Promise.all(found)).flat();
    },
    left: () => readdir(rootDir),
    async [Symbol.asyncDispose]() {
      const left = await readdir(rootDir);
      await rm(rootDir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`Browser directories were left: ${left.join(', ')}`);
    },
  };
}

/**
 * A browser in a root of its own, whose pages reach nothing but what `egress` adds. Fails at the end if anything was left.
 */
export async function openSession(egress: Partial<EgressPolicy> = {}, o: Partial<LaunchOptions> = {}) {
  await using stack = new AsyncDisposableStack();
  const root = stack.use(await createBrowserRoot());
  const session = stack.use(
    await root.launch({ egress: { allowPublic: false, allowPrivateOrigins: [], ...egress }, ...o }),
  );
  const resources = stack.move();
  return { ...session, rootDir: root.rootDir, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Live processes of a browser. */
export function processesOf(session: { directory: string; pid: number | null }): Promise<number[]> {
  return findBrowserProcesses({ directory: session.directory, session: session.pid, since: '0' });
}

/** Numbers of the processes that were started with a browser directory below this root. */
export async function findMarked(rootDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => environments[index]?.includes(`GANTRY_BROWSER=${rootDir}/`));
}

/** Counts the warm browsers that ask for the page that they warm up with. */
export function countWarmUps() {
  let count = 0;
  const onRequest = (message: unknown) => {
    if (isWarmUp(message)) count += 1;
  };
  subscribe('http.server.request.start', onRequest);
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void unsubscribe('http.server.request.start', onRequest),
  };
}

/** Freezes the first warm browser below this root at the moment when it asks for the page that it warms up with. */
export function freezeAtWarmUp(rootDir: string) {
  const frozen = Promise.withResolvers<number>();
  const freeze = (message: unknown) => {
    if (!isWarmUp(message)) return;
    unsubscribe('http.server.request.start', freeze);
    const [name = ''] = readdirSync(rootDir);
    const owner: OwnerRecord = JSON.parse(readFileSync(join(rootDir, name, 'owner.json'), 'utf8'));
    const pid = owner.browser?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    frozen.resolve(pid);
  };
  subscribe('http.server.request.start', freeze);
  return {
    pid: frozen.promise,
    [Symbol.dispose]: () => void unsubscribe('http.server.request.start', freeze),
  };
}

/** Whether a message of node's channel of HTTP servers tells of a warm browser that warms up. */
function isWarmUp(message: unknown): boolean {
  const isRequest = (m: unknown): m is { request: IncomingMessage } =>
    typeof m === 'object' && m !== null && 'request' in m;
  return isRequest(message) && Boolean(message.request.url?.includes(WARM_UP_HOST));
}

/** A process with a browser of its own, or a warm one, to be killed. */
export function launchElsewhere(rootDir: string, what: 'browser' | 'warmBrowser' = 'browser', uid?: number) {
  const child = spawn(process.execPath, [LAUNCH_AND_WAIT, rootDir, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid }),
  });
  return {
    process: child,
    launched: once(child.stdout, 'data').then(([data]): { directory: string; pid: number } =>
      JSON.parse(String(data)),
    ),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
