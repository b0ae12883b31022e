import { type Browser, type CDPSession, type Page, type Target, TargetType } from 'puppeteer-core';

import { ChromeError } from './chrome-error.ts';

const MOST_PAGES = 20;

/**
 * Keeps pages from getting in the way: dialogs are dismissed, downloads denied, popups capped, and what is not the
 * web (`file:`, `view-source:` and their like, which no proxy sees) is never loaded.
 *
 * @param onCrash called when a page's renderer dies
 */
export async function guardPages(browser: Browser, onCrash: (error: ChromeError) => void): Promise<void> {
  const connection = await browser.target().createCDPSession();
  await connection.send('Browser.setDownloadBehavior', { behavior: 'deny' });
  browser.on('targetcreated', (target: Target) => {
    if (target.type() !== TargetType.PAGE) return;
    // The page may be gone before it can be guarded; then there is nothing to guard.
    target
      .page()
      .then((page) => page && guardPage(page))
      .catch(() => {});
  });
  for (const page of await browser.pages()) await guardPage(page);

  async function guardPage(page: Page): Promise<void> {
    page.on('dialog', (dialog) => {
      dialog.dismiss().catch(() => {});
    });
    page.on('error', (error) => {
      onCrash(new ChromeError('PAGE_CRASHED', 'The page crashed the tab that showed it.', { cause: error }));
    });
    if ((await browser.pages()).length > MOST_PAGES) await page.close();
    else await refuseLocalSchemes(await page.createCDPSession());
  }
}

async function refuseLocalSchemes(session: CDPSession): Promise<void> {
  session.on('Fetch.requestPaused', ({ requestId }) => {
    session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }).catch(() => {});
  });
  await session.send('Fetch.enable', {
    patterns: ['file:*', 'filesystem:*', 'ftp:*', 'chrome:*', 'devtools:*', 'view-source:*'].map(
      (urlPattern) => ({ urlPattern }),
    ),
  });
}
