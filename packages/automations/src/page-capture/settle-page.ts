import type { Page } from 'puppeteer-core';

import { pause } from '../pause.ts';
import { askPage } from './ask-page.ts';
import { readPage } from './read-page.ts';
import type { TabWatch } from './tab-watch.ts';

const LOOK_MS = 50;
/** Nothing loads and nothing changes for so long. */
const NETWORK_QUIET_MS = 500;
const DOM_QUIET_MS = 300;
const DOM_LIMIT_MS = 2_000;
/** A page that says little is about to say more, or to lead on: it gets so long. */
const THIN_TEXT = 200;
const THIN_WAIT_MS = 3_000;
/** One that says that it leads elsewhere, so long. */
const LEADING_WAIT_MS = 6_000;

/**
 * Waits until a tab stays where it is, loads nothing and changes nothing.
 *
 * @returns whether it came to rest within `limitMs`
 */
export async function settlePage(
  page: Page,
  watch: TabWatch,
  o: { limitMs: number; signal: AbortSignal },
): Promise<boolean> {
  const end = performance.now() + o.limitMs;
  while (performance.now() < end) {
    await pause(LOOK_MS, o.signal);
    const isQuiet =
      !watch.isMoving && !watch.isLoading && performance.now() - watch.changedAt >= NETWORK_QUIET_MS;
    if (!isQuiet || watch.failure) {
      if (isQuiet) return true;
      continue;
    }
    const { documents, changedAt } = watch;
    const hasChanged = () => watch.documents !== documents || watch.changedAt !== changedAt || watch.isMoving;
    try {
      const quiet = { quietMs: DOM_QUIET_MS, limitMs: DOM_LIMIT_MS };
      const isStill = watch.isScriptless || (await askPage(page.evaluate(untilStill, quiet)));
      if (hasChanged()) continue;
      if (!isStill) return false;
      const { text, media, leadsOn } = await askPage(page.evaluate(readPage));
      const isThin = text < THIN_TEXT && !media;
      const waitMs = leadsOn ? LEADING_WAIT_MS : isThin ? THIN_WAIT_MS : 0;
      if (hasChanged() || performance.now() - watch.openedAt < waitMs) continue;
      return true;
    } catch (error) {
      // A page that leaves takes what runs in it along.
      if (!hasChanged() && !isLeaving(error)) throw error;
    }
  }
  return false;
}

/** Whether a call failed because its document has made way for another one. */
export function isLeaving(error: unknown): boolean {
  return (
    error instanceof Error && /Execution context|Cannot find context|navigat|detached/i.test(error.message)
  );
}

/** Runs in the page. @returns whether nothing was added, removed or rewritten for `quietMs` */
function untilStill(o: { quietMs: number; limitMs: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isStill: boolean) => {
      observer.disconnect();
      clearTimeout(quiet);
      clearTimeout(limit);
      resolve(isStill);
    };
    let quiet = setTimeout(() => end(true), o.quietMs);
    const limit = setTimeout(() => end(false), o.limitMs);
    const observer = new MutationObserver(() => {
      clearTimeout(quiet);
      quiet = setTimeout(() => end(true), o.quietMs);
    });
    observer.observe(document, { childList: true, characterData: true, subtree: true });
  });
}
