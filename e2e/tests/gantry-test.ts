import { findBrowser } from '@gantry/chrome';
import { TEST_CACHE_DIR } from '@gantry/chrome/testing';
import { test as base, expect, type Page } from '@playwright/test';

import { type DemoAccount, signInTo } from './sign-in.ts';
import { type Product, startProduct } from './start-product.ts';

/** Tests against the real product, in the browser that Gantry itself uses. */
export const test = base.extend<
  {
    /** Signs in as a demo account, without the form, and opens a page: the first one, unless a path is given. */
    signIn: (account: DemoAccount, path?: string) => Promise<void>;
    /** Fails the test at its end if the page wrote an error to the console or threw one. */
    quietConsole: undefined;
  },
  { product: Product }
>({
  product: [
    // Playwright reads from the pattern which fixtures are wanted.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using product = await startProduct();
      await use(product);
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  browser: [
    async ({ playwright }, use) => {
      const binary = await findBrowser({
        chromePath: process.env['CHROME_PATH'],
        cacheDir: TEST_CACHE_DIR,
      });
      const browser = await playwright.chromium.launch({
        executablePath: binary.executablePath,
        env: { ...process.env, ...binary.env },
        args: ['--no-sandbox'],
      });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ product }, use) => use(product.url),

  signIn: async ({ page, product }, use) => {
    await use(async (account, path = '/') => {
      await signInTo(page.context(), product, account);
      await page.goto(path);
      if (path === '/') await expect(page.getByRole('heading', { name: 'What should run?' })).toBeVisible();
    });
  },

  quietConsole: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // What the network refuses is in the tests that make it refuse.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
          complaints.push(message.text());
        }
      });
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** Hands a file to the page as if it had been chosen on disk. */
export async function chooseFile(page: Page, name: string, content: string | Buffer): Promise<void> {
  await page.locator('input[type=file]').setInputFiles({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(content),
  });
}

export { expect };
