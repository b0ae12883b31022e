import type { Page } from 'puppeteer-core';

/** The browser's own name, and whose it is: a site's owner shall know who comes. */
export async function honestUserAgent(page: Page, purpose: string): Promise<string> {
  return `${await page.browser().userAgent()} Gantry/0.1 (${purpose})`;
}
