import { type Browser, type Page, TimeoutError } from 'puppeteer-core';
import { limitMessages } from '../cdp/limit-messages.ts';
import { unresponsive } from '../cdp/limit-unanswered.ts';
import { browserCrashed, ChromeError } from '../chrome-error.ts';
import { type EgressProxy, openEgressProxy, type Resolve } from '../egress/open-egress-proxy.ts';
import {
  hasRoomForSocket,
  makeBrowserDirectory,
  type Owner,
  removeBrowserDirectory,
  type WarmOwner,
  writeOwner,
} from '../process/browser-directory.ts';
import type { BrowserTrace } from '../process/find-browser-processes.ts';
import { killBrowser } from '../process/kill-browser.ts';
import type { LaunchSettings } from '../process/launch-arguments.ts';
import { identify } from '../process/process-table.ts';
import { startBrowser } from '../process/start-browser.ts';
import { createTreeWatch, type TreeWatch } from '../process/tree-watch.ts';
import { awaitErrorPage } from './await-error-page.ts';
import { guardPages } from './guard-pages.ts';

/** How long a launch may take by default. */
export const LAUNCH_TIMEOUT_MS = 30_000;

/** How a browser is opened. */
export type OpenOptions = LaunchSettings & {
  /** Where the browser's own directory is made. A short path. */
  rootDir: string;
  /** 30,000 by default. */
  launchTimeoutMs?: number | undefined;
  /** Ends a launch that is not wanted any more. A browser that was launched is ended by disposing of it. */
  signal?: AbortSignal | undefined;
  /** How names are resolved; by default with DNS, and the system's way if the policy declares them as private. */
  resolve?: Resolve | undefined;
};

/** A browser that is open, with its process tree, its directory and its proxy, which refuses everything as yet. */
export type OpenBrowser = {
  browser: Browser;
  page: Page;
  pid: number;
  directory: string;
  proxy: EgressProxy;
  launchMs: number;
  tree: TreeWatch;
  /** The address that a page could not open most lately; null if there was none. */
  unreachableUrl: () => string | null;
  /** Resolves when it has failed on its own. */
  failed: Promise<ChromeError>;
  fail: (error: ChromeError) => void;
  writeOwner: (owner: Owner | WarmOwner) => Promise<void>;
  /** Kills all its processes. */
  kill: () => Promise<void>;
  /** Ends the browser and all it started, and removes the directory. Never waits for the browser to agree. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Opens a browser: own process, own profile, own temporary files, own proxy, a guard on every page. It talks through
 * a pipe, so it opens no port and dies with this process.
 *
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 * @throws the signal's reason, if it was aborted
 */
export async function openBrowser(o: OpenOptions, owner: Owner | WarmOwner): Promise<OpenBrowser> {
  const timeoutMs = o.launchTimeoutMs ?? LAUNCH_TIMEOUT_MS;
  const launching = new AbortController();
  const onAbort = () => launching.abort();
  const timer = setTimeout(onAbort, timeoutMs);
  o.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    o.signal?.throwIfAborted();
    return await open(o, owner, { timeoutMs, signal: launching.signal });
  } catch (cause) {
    o.signal?.throwIfAborted();
    if (cause instanceof ChromeError) throw cause;
    if (launching.signal.aborted || cause instanceof TimeoutError) {
      throw launchTimeout(cause);
    }
    const message = 'The browser could not be started. The log of the worker says why.';
    throw new ChromeError('BROWSER_LAUNCH_FAILED', message, { cause });
  } finally {
    clearTimeout(timer);
    o.signal?.removeEventListener('abort', onAbort);
  }
}

/** The error for a browser that is not ready in time. */
export function launchTimeout(cause: unknown): ChromeError {
  const message =
    'The browser took too long to start: the machine of the worker may be too busy. Try again later.';
  return new ChromeError('BROWSER_LAUNCH_TIMEOUT', message, { cause });
}

async function open(
  o: OpenOptions,
  owner: Owner | WarmOwner,
  launching: { timeoutMs: number; signal: AbortSignal },
): Promise<OpenBrowser> {
  const begin = performance.now();
  const failure = Promise.withResolvers<ChromeError>();
  const fail = failure.resolve;
  let isClosing = false;
  await using stack = new AsyncDisposableStack();
  const directory = await makeBrowserDirectory(o.rootDir, owner);
  stack.defer(() => removeBrowserDirectory(directory));
  if (o.binary.kind === 'chrome' && !hasRoomForSocket(directory)) {
    const message =
      'Chrome needs a shorter path for its files. Set BROWSER_ROOT_DIR to a directory like /tmp.';
    throw new ChromeError('BROWSER_LAUNCH_FAILED', message);
  }
  const proxy = stack.use(await openEgressProxy({ resolve: o.resolve, onOverBudget: fail }));
  const self = identify(process.pid);
  const trace: BrowserTrace = { directory, session: null, since: self.startTime };
  let killed: Promise<number> | null = null;
  const kill = async () => void (await (killed ??= killBrowser(trace)));
  stack.defer(kill);

  const end = (cause: ChromeError) => {
    fail(cause);
    void kill().catch(() => {});
  };
  const onUnresponsive = () => end(unresponsive());
  const started = await startBrowser(o, { directory, proxyUrl: proxy.url, onUnresponsive, ...launching });
  const { browser, child, pid } = started;
  trace.session = pid;
  // At its end, and not only when we are done: its children are found by its number, which is not reused while one of
  // them lives, but which may be another's later.
  child.once('exit', () => void kill().catch(() => {}));
  const running = { process: self, browser: identify(pid) };
  let written = writeOwner(directory, { ...owner, ...running });
  await written;
  stack.defer(() => written.catch(() => {}));

  limitMessages(started.answers, () => {
    const message =
      'The browser said too much at once. Let the page write less to its console, or ask it for less.';
    end(new ChromeError('BROWSER_MESSAGE_TOO_LARGE', message));
  });
  browser.once('disconnected', () => {
    if (!isClosing) fail(browserCrashed());
  });
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  awaitErrorPage(page);
  let unreachableUrl: string | null = null;
  await guardPages(browser, {
    onCrash: fail,
    onUnreachable: (url) => {
      unreachableUrl = url;
    },
  });
  const tree = stack.use(createTreeWatch(pid));
  const resources = stack.move();
  return {
    browser,
    page,
    pid,
    directory,
    proxy,
    launchMs: Math.round(performance.now() - begin),
    tree,
    unreachableUrl: () => unreachableUrl,
    failed: failure.promise,
    fail,
    kill,
    writeOwner(next) {
      written = written.then(() => writeOwner(directory, { ...next, ...running }));
      return written;
    },
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await resources.disposeAsync();
    },
  };
}
