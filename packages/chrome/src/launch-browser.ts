import { type Browser, type Page, TimeoutError } from 'puppeteer-core';

import { makeBrowserDirectory, type Owner, removeBrowserDirectory, writeOwner } from './browser-directory.ts';
import { ChromeError } from './chrome-error.ts';
import type { EgressPolicy } from './egress/egress-policy.ts';
import { openEgressProxy, type Resolve } from './egress/open-egress-proxy.ts';
import type { BrowserBinary } from './find-browser.ts';
import type { BrowserTrace } from './find-browser-processes.ts';
import { guardPages } from './guard-pages.ts';
import { killBrowser } from './kill-browser.ts';
import { watchMemory } from './memory-watch.ts';
import { identify } from './process-table.ts';
import { startBrowser } from './start-browser.ts';

const LAUNCH_TIMEOUT_MS = 30_000;

/** How a browser is launched. */
export type LaunchOptions = {
  binary: BrowserBinary;
  /** Where the browser's own directory is made. A short path. */
  rootDir: string;
  owner: Owner;
  egress: EgressPolicy;
  /** 30,000 by default. */
  launchTimeoutMs?: number;
  /** Ends a launch that is not wanted any more. A browser that was launched is ended by disposing of it. */
  signal?: AbortSignal;
  /** How names are resolved; the system's way by default. */
  resolve?: Resolve;
};

/** A browser of one attempt, with its process tree, its directory and its proxy. */
export type ChromeSession = {
  browser: Browser;
  /** The page that the browser opened with. */
  page: Page;
  pid: number;
  directory: string;
  /** Resolves when the browser or a page dies on its own. */
  crashed: Promise<ChromeError>;
  launchMs: number;
  /** The most that the whole tree was seen to use, in bytes. */
  peakMemoryBytes(): number;
  /** Tells why the host of a URL was refused to the browser: BLOCKED_URL. Null if it was not. */
  refusalOf(url: string): ChromeError | null;
  /** Ends the browser and all it started, and removes the directory. Never waits for the browser to agree. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Launches a browser that nobody else uses: own process, own profile, own temporary files, own proxy. It talks through
 * a pipe, so it opens no port and dies with this process.
 *
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 * @throws the signal's reason, if it was aborted
 */
export async function launchBrowser(o: LaunchOptions): Promise<ChromeSession> {
  const timeoutMs = o.launchTimeoutMs ?? LAUNCH_TIMEOUT_MS;
  const launching = new AbortController();
  const onAbort = () => launching.abort();
  const timer = setTimeout(onAbort, timeoutMs);
  o.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    o.signal?.throwIfAborted();
    return await openSession(o, { timeoutMs, signal: launching.signal });
  } catch (cause) {
    o.signal?.throwIfAborted();
    if (launching.signal.aborted || cause instanceof TimeoutError) {
      throw new ChromeError('BROWSER_LAUNCH_TIMEOUT', 'The browser took too long to start.', { cause });
    }
    throw new ChromeError('BROWSER_LAUNCH_FAILED', 'The browser could not be started.', { cause });
  } finally {
    clearTimeout(timer);
    o.signal?.removeEventListener('abort', onAbort);
  }
}

async function openSession(
  o: LaunchOptions,
  launching: { timeoutMs: number; signal: AbortSignal },
): Promise<ChromeSession> {
  const begin = performance.now();
  await using stack = new AsyncDisposableStack();
  const directory = await makeBrowserDirectory(o.rootDir);
  stack.defer(() => removeBrowserDirectory(directory));
  const proxy = stack.use(await openEgressProxy(o.egress, o.resolve));
  const self = identify(process.pid);
  const trace: BrowserTrace = { directory, session: null, since: self.startTime };
  let killed: Promise<number> | null = null;
  const kill = async () => void (await (killed ??= killBrowser(trace)));
  stack.defer(kill);

  await writeOwner(directory, { ...o.owner, process: self, browser: null });
  const { browser, child, pid } = await startBrowser(o.binary, {
    directory,
    proxyUrl: proxy.url,
    ...launching,
  });
  trace.session = pid;
  // Its number is surely its own for as long as it has not been buried: so at its end, not only when we are done.
  child.once('exit', () => void kill().catch(() => {}));
  await writeOwner(directory, { ...o.owner, process: self, browser: identify(pid) });

  const crash = Promise.withResolvers<ChromeError>();
  let isClosing = false;
  browser.once('disconnected', () => {
    if (!isClosing) crash.resolve(new ChromeError('BROWSER_CRASHED', 'The browser ended unexpectedly.'));
  });
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  await guardPages(browser, crash.resolve);
  const memory = stack.use(watchMemory(trace));
  const resources = stack.move();
  return {
    browser,
    page,
    pid,
    directory,
    crashed: crash.promise,
    launchMs: Math.round(performance.now() - begin),
    peakMemoryBytes: () => memory.peakBytes,
    refusalOf: proxy.refusalOf,
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await memory.sample();
      await resources.disposeAsync();
    },
  };
}
