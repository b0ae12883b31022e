import { ChromeError } from '@gantry/chrome';
import type { Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';
import { TabWatch } from './tab-watch.ts';

const OPEN_TIMEOUT_MS = 15_000;

/** A tab for one page. */
export type Tab = { page: Page; watch: TabWatch };

/** Opens a tab beside the attempt's own page. @throws {ChromeError} BROWSER_UNRESPONSIVE */
export async function openTab(own: Page, url: string): Promise<Tab> {
  const open = async () => {
    const page = await own.browserContext().newPage();
    // One that an earlier page left behind may answer in the place of the site.
    await page.setBypassServiceWorker(true);
    return { page, watch: await TabWatch.open(page, url) };
  };
  try {
    return await withDeadline(open(), OPEN_TIMEOUT_MS);
  } catch (error) {
    throw own.browser().connected ? stuckTabs(error) : error;
  }
}

/** The error of a browser whose tabs are stuck. */
export function stuckTabs(cause?: unknown): ChromeError {
  return new ChromeError('BROWSER_UNRESPONSIVE', 'The browser no longer opens or closes tabs.', { cause });
}
