import type { Page } from 'puppeteer-core';

import { askPage } from './ask-page.ts';

const LIMIT_MS = 10_000;
const STEP_MS = 60;
/** How far a page that grows as it is scrolled is followed beyond its first height, in windows. */
const MAX_GROWTH = 20;

/**
 * Scrolls a page from top to bottom and back, so that what is loaded or shown only when it is looked at is there.
 *
 * @param maxHeight pixels
 * @returns whether the page was still growing at the end
 */
export function scrollThrough(page: Page, maxHeight: number): Promise<boolean> {
  const options = { maxHeight, limitMs: LIMIT_MS, stepMs: STEP_MS, maxGrowth: MAX_GROWTH };
  return askPage(page.evaluate(scroll, options), LIMIT_MS);
}

/** Runs in the page. */
async function scroll(o: {
  maxHeight: number;
  limitMs: number;
  stepMs: number;
  maxGrowth: number;
}): Promise<boolean> {
  const height = () => document.documentElement?.scrollHeight ?? 0;
  const first = height();
  const bottom = Math.min(o.maxHeight, first + o.maxGrowth * innerHeight);
  const end = performance.now() + o.limitMs;
  let y = 0;
  for (; y < Math.min(height(), bottom) && performance.now() < end; y += innerHeight) {
    scrollTo({ top: y, behavior: 'instant' });
    await new Promise((resolve) => setTimeout(resolve, o.stepMs));
  }
  scrollTo({ top: 0, behavior: 'instant' });
  return height() > first + innerHeight && y < height();
}
