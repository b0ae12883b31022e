import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { findBrowser } from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import { type BrowserContext, chromium, type Page } from '@playwright/test';

/** A window with tabs: the one in front is visible, all others are hidden, as in the browser of a person. */
export type BrowserWindow = { context: BrowserContext; show: (tab: Page) => Promise<void> } & AsyncDisposable;

/**
 * Opens a window, of the full Chrome if this machine has one. Playwright makes every page of a browser that it launches
 * believe to be in front; it leaves alone what it connects to.
 */
export async function openWindow(): Promise<BrowserWindow> {
  const binary = await findBrowser({ cacheDir: TEST_CACHE_DIR, kind: 'chrome' }).catch(() =>
    findBrowser({ cacheDir: TEST_CACHE_DIR }),
  );
  const profile = await mkdtemp(join(tmpdir(), 'gantry-e2e-window-'));
  const child = spawn(
    binary.executablePath,
    ['--headless', '--no-sandbox', '--no-first-run', ...ports(profile)],
    {
      env: { ...process.env, ...binary.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = once(child, 'exit');
  const endpoint = await new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [address] = /ws:\/\/\S+/.exec(line) ?? [];
      if (address) resolve(address);
    });
  });
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error('A browser has a context from its start.');
  return {
    context,
    show: async (tab) => {
      await tab.bringToFront();
      if (binary.kind === 'headless-shell')
        await Promise.all(context.pages().map((page) => tell(page, page === tab)));
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      child.kill('SIGKILL');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const ports = (profile: string) => ['--remote-debugging-port=0', `--user-data-dir=${profile}`];

/** The headless shell has no windows, all its pages are always visible: here they are told what a window would tell. */
function tell(page: Page, isShown: boolean): Promise<void> {
  return page.evaluate(
    (visibilityState) => {
      if (document.visibilityState === visibilityState) return;
      Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isShown ? 'visible' : 'hidden',
  );
}
