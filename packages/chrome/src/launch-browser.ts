import { join } from 'node:path';

import { type Browser, launch, type Page, TimeoutError } from 'puppeteer-core';

import { makeBrowserDirectory, type Owner, removeBrowserDirectory, writeOwner } from './browser-directory.ts';
import { ChromeError } from './chrome-error.ts';
import type { EgressPolicy } from './egress/egress-policy.ts';
import { openEgressProxy, type Resolve } from './egress/open-egress-proxy.ts';
import type { BrowserBinary } from './find-browser.ts';
import { guardPages } from './guard-pages.ts';
import { killBrowser } from './kill-browser.ts';
import { launchArguments } from './launch-arguments.ts';
import { watchMemory } from './memory-watch.ts';
import { identify } from './process-table.ts';

/** How a browser is launched. */
export type LaunchOptions = {
  binary: BrowserBinary;
  /** Where the browser's own directory is made. A short path. */
  rootDir: string;
  owner: Owner;
  egress: EgressPolicy;
  /** 30,000 by default. */
  launchTimeoutMs?: number;
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
  /** Ends the browser and all it started, and removes the directory. Never waits for the browser to agree. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Launches a browser that nobody else uses: own process, own profile, own temporary files, own proxy. It talks through
 * a pipe, so it opens no port and dies with this process.
 *
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 */
export async function launchBrowser(o: LaunchOptions): Promise<ChromeSession> {
  const begin = performance.now();
  await using stack = new AsyncDisposableStack();
  const directory = await makeBrowserDirectory(o.rootDir);
  let pid: number | null = null;
  stack.defer(async () => {
    await killBrowser({ directory, pid });
    await removeBrowserDirectory(directory);
  });
  const self = await identify(process.pid);
  await writeOwner(directory, { ...o.owner, process: self, browser: null });
  const proxy = stack.use(await openEgressProxy(o.egress, o.resolve));

  const browser = await start(o, directory, proxy.url);
  pid = browser.process()?.pid ?? null;
  if (pid === null) throw new ChromeError('BROWSER_LAUNCH_FAILED', 'The browser has no process.');
  await writeOwner(directory, { ...o.owner, process: self, browser: await identify(pid) });

  const crash = Promise.withResolvers<ChromeError>();
  let isClosing = false;
  browser.once('disconnected', () => {
    if (!isClosing) crash.resolve(new ChromeError('BROWSER_CRASHED', 'The browser ended unexpectedly.'));
  });
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  await guardPages(browser, (error) => crash.resolve(error));
  const memory = stack.use(watchMemory({ directory, pid }));
  const resources = stack.move();
  return {
    browser,
    page,
    pid,
    directory,
    crashed: crash.promise,
    launchMs: Math.round(performance.now() - begin),
    peakMemoryBytes: () => memory.peakBytes,
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await memory.sample();
      await resources.disposeAsync();
    },
  };
}

async function start(o: LaunchOptions, directory: string, proxyUrl: string): Promise<Browser> {
  try {
    return await launch({
      executablePath: o.binary.executablePath,
      headless: o.binary.kind === 'headless-shell' ? 'shell' : true,
      pipe: true,
      userDataDir: directory,
      args: launchArguments(proxyUrl),
      timeout: o.launchTimeoutMs ?? 30_000,
      acceptInsecureCerts: false,
      // Nothing of our environment, which holds secrets, goes to the browser.
      env: {
        ...o.binary.env,
        PATH: '/usr/bin:/bin',
        LANG: 'C.UTF-8',
        HOME: directory,
        TMPDIR: join(directory, 'tmp'),
        GANTRY_BROWSER: directory,
      },
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (cause) {
    if (cause instanceof TimeoutError) {
      throw new ChromeError('BROWSER_LAUNCH_TIMEOUT', 'The browser took too long to start.', { cause });
    }
    throw new ChromeError('BROWSER_LAUNCH_FAILED', 'The browser could not be started.', { cause });
  }
}
