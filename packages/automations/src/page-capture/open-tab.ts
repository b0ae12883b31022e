import { ChromeError } from '@gantry/chrome';
import type { Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';
import { TabWatch } from './tab-watch.ts';

const OPEN_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** A tab for one page. */
export type Tab = { page: Page; watch: TabWatch };

/** Opens a tab beside the attempt's own page. @throws {ChromeError} BROWSER_UNRESPONSIVE */
export async function openTab(own: Page, url: string): Promise<Tab> {
  const open = async () => {
    const page = await own.browserContext().newPage();
    return { page, watch: await TabWatch.open(page, url) };
  };
  try {
    return await withDeadline(open(), OPEN_TIMEOUT_MS);
  } catch (error) {
    throw own.browser().connected ? stuck(error) : error;
  }
}

/**
 * Closes every tab but the attempt's own: that of the page, and the windows that the page opened.
 *
 * @throws {ChromeError} BROWSER_UNRESPONSIVE if one cannot be closed
 */
export async function closeTabs(own: Page): Promise<void> {
  const close = async () => {
    const pages = await own.browserContext().pages();
    await Promise.all(pages.filter((page) => page !== own).map((page) => page.close().catch(() => {})));
  };
  try {
    await withDeadline(close(), CLOSE_TIMEOUT_MS);
  } catch (error) {
    throw stuck(error);
  }
}

function stuck(cause: unknown): ChromeError {
  return new ChromeError('BROWSER_UNRESPONSIVE', 'The browser no longer opens or closes tabs.', { cause });
}
