import type { Page } from 'puppeteer-core';

import { withDeadline } from './with-deadline.ts';

const CLOSE_DEADLINE_MS = 5_000;

/** Closes a tab, and waits for that, but not for long: a page may keep its tab from closing. */
export async function closeTab(tab: Page): Promise<void> {
  await withDeadline(tab.close(), CLOSE_DEADLINE_MS).catch(() => {});
}
