import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { askPage } from './ask-page.ts';
import { checkResponse, emptyPage, loadError, notAPage } from './page-problem.ts';
import { readPage } from './read-page.ts';
import { scrollThrough } from './scroll-through.ts';
import { isLeaving, settlePage } from './settle-page.ts';
import type { TabWatch } from './tab-watch.ts';

const OPEN_TIMEOUT_MS = 30_000;
const SETTLE_LIMIT_MS = 15_000;
/** What comes by scrolling gets so long. */
const SCROLL_SETTLE_LIMIT_MS = 8_000;
/** A page of which nothing is drawn for so long waits for a style sheet or a script. */
const DRAW_LIMIT_MS = 2_000;
/** For all the documents that a page leads to. */
const JOURNEY_LIMIT_MS = 30_000;

/**
 * Opens an address in a tab.
 *
 * @returns whether all of the document was sent
 * @throws {AutomationError} when no page came
 */
export async function openPage(
  page: Page,
  watch: TabWatch,
  url: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await page.goto(url, { waitUntil: 'domcontentloaded', timeout: OPEN_TIMEOUT_MS, signal });
    return true;
  } catch (error) {
    const [failure] = (error instanceof Error && /net::ERR_\w+/.exec(error.message)) || [];
    if (error instanceof TimeoutError) {
      if (watch.documents === 0) throw loadError('ERR_TIMED_OUT');
      await askPage(page.evaluate(() => stop()));
      return false;
    }
    if (failure !== 'net::ERR_ABORTED') throw failure ? loadError(failure) : error;
    // It was on its way when the page led on by itself.
    if (watch.documents > 0 || watch.isMoving) return true;
    if (watch.discarded) checkResponse(watch.discarded);
    throw notAPage(watch.discarded);
  }
}

/**
 * Follows a page to where it leads by itself, and waits there until all that it shows has come.
 *
 * @param o.maxHeight how far down it is looked at, in pixels
 * @returns notes on what is missing
 * @throws {AutomationError} when there is no page
 */
export async function awaitPage(
  page: Page,
  watch: TabWatch,
  o: { maxHeight: number; signal: AbortSignal },
): Promise<string[]> {
  const end = performance.now() + JOURNEY_LIMIT_MS;
  const { documents: first } = watch;
  while (performance.now() < end) {
    const isStill = await settlePage(page, watch, { limitMs: SETTLE_LIMIT_MS, signal: o.signal });
    if (watch.isMoving) continue;
    const { documents } = watch;
    try {
      await checkPage(page, watch);
      // It would do so while it is captured.
      if (watch.renews) await askPage(page.evaluate(() => stop()));
      const isGrowing = !watch.isScriptless && (await scrollThrough(page, o.maxHeight));
      await settlePage(page, watch, { limitMs: SCROLL_SETTLE_LIMIT_MS, signal: o.signal });
      if (watch.documents !== documents || watch.isMoving) continue;
      const notes = listNotes(watch, { isStill, isGrowing });
      if (watch.hanging > 0 && !watch.isScriptless && !(await isDrawn(page)))
        await askPage(page.evaluate(() => stop()));
      return notes;
    } catch (error) {
      if (!isLeaving(error)) throw error;
    }
  }
  // On its way all the time, to an address that does not answer.
  throw watch.documents === first ? loadError('ERR_TIMED_OUT') : keepsMoving();
}

function isDrawn(page: Page): Promise<boolean> {
  const untilDrawn = (limitMs: number) =>
    new Promise<boolean>((resolve) => {
      requestAnimationFrame(() => resolve(true));
      setTimeout(() => resolve(false), limitMs);
    });
  return askPage(page.evaluate(untilDrawn, DRAW_LIMIT_MS), DRAW_LIMIT_MS);
}

/** The error for a page that leads on and on. */
export function keepsMoving(): AutomationError {
  return new AutomationError('PAGE_REDIRECTS', 'The page leads on to other pages without end.');
}

/** @throws {AutomationError} when what the tab has open is no page */
async function checkPage(page: Page, watch: TabWatch): Promise<void> {
  if (watch.failure && page.url().startsWith('chrome-error:')) throw loadError(watch.failure);
  if (watch.response) checkResponse(watch.response);
  const { text, media, paint } = await askPage(page.evaluate(readPage));
  if (text > 0 || media || paint) return;
  throw watch.failure ? loadError(watch.failure) : emptyPage(watch.response?.status() ?? null);
}

function listNotes(
  watch: TabWatch,
  { isStill, isGrowing }: { isStill: boolean; isGrowing: boolean },
): string[] {
  const notes: string[] = [];
  if (watch.failure) notes.push('The answer of the site broke off; the page was kept as far as it had come.');
  if (watch.hanging > 0)
    notes.push(
      watch.hanging === 1
        ? 'One part of the page did not come: its address does not answer.'
        : `${watch.hanging} parts of the page did not come: their addresses do not answer.`,
    );
  else if (!isStill) notes.push('The page did not come to rest; it was kept as it was after a while.');
  if (isGrowing) notes.push('The page grows for as long as it is scrolled; its beginning was kept.');
  return notes;
}
