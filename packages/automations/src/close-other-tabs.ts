import type { Page } from 'puppeteer-core';

import { withDeadline } from './with-deadline.ts';

const CLOSE_DEADLINE_MS = 5_000;

/**
 * Closes all tabs beside the kept ones, also those that pages opened by themselves. Waits for that, but not for long: a page
 * may keep its tab from closing.
 *
 * @returns whether all of them closed in time
 */
export async function closeOtherTabs(own: Page, ...kept: Page[]): Promise<boolean> {
  const close = async () => {
    const tabs = await own.browserContext().pages();
    const others = tabs.filter((tab) => tab !== own && !kept.includes(tab));
    await Promise.all(others.map((tab) => tab.close().catch(() => {})));
    return true;
  };
  return withDeadline(close(), CLOSE_DEADLINE_MS).catch(() => false);
}
