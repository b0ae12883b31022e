import type { Page } from 'puppeteer-core';

import type { AutomationContext } from '../define-automation.ts';
import { withDeadline } from '../with-deadline.ts';
import { type DocumentContent, readPage } from './read-page.ts';
import { containerIn } from './to-answer.ts';
import { evaluateText, failures, type Verdict, WAITING } from './verdict.ts';
import type { Navigation, TabWatch, WatchedTab } from './watch-tabs.ts';

/** What one tab shows, and what that means: null for nothing yet. */
export type Seen = {
  page: Page;
  documents: readonly DocumentContent[];
  verdict: Verdict;
  /** The texts of the dialogs that count. */
  dialogs: readonly string[];
};

type SeenTab = Omit<Seen, 'dialogs'> & { navigation: Navigation | null };

const LOOK_MS = 250;
const READ_DEADLINE_MS = 5_000;
/** How long what is seen must rest before it is believed. A page that nothing can change is believed at once. */
const REST_MS = {
  answer: 300,
  /** More of it may come: its source has not ended. */
  streaming: 2_000,
  dialog: 500,
  closed: 1_000,
  telling: 1_000,
  /** A page with scripts that says nothing known yet. */
  unclear: 5_000,
  /** At least, while a document or data are under way that may say more: the port takes up to 20 s for an answer. */
  loading: 30_000,
  /** The same for what was said in a dialog, or before a tab closed. */
  following: 3_000,
  /** After the last data came: a script may not have shown them yet. */
  loaded: 1_000,
};
const MAX_REFRESH_MS = 20_000;

/**
 * Waits until tabs show something that has a meaning and rests: also after a redirect, in a frame, in a tab that the site
 * opened, late by script, or in a dialog before its tab closes. When the time is over, what there is counts.
 *
 * Another tab than the asked one and the form's may be an advert: it counts if it names the container, or where the asked
 * one says nothing.
 *
 * @param o.evaluate gives the meaning of a tab; null for none yet
 * @throws the signal's reason
 */
export async function awaitVerdict(
  watch: TabWatch,
  o: {
    timeoutMs: number;
    signal: AbortSignal;
    /** The form's. Shown in pictures when no tab says anything. */
    page: Page;
    /** The tab that the answer should come to. */
    asked: Page;
    container: string;
    /** Says why an address may not be opened. */
    refusalOf: AutomationContext['refusalOf'];
    evaluate: (tab: WatchedTab, documents: readonly DocumentContent[]) => Verdict | null;
  },
): Promise<Seen> {
  const deadline = performance.now() + o.timeoutMs;
  let print: string | null = null;
  let restsSince = performance.now();
  let loadedAt = 0;
  // What a page said before it went elsewhere, where what comes after says less.
  let told: SeenTab | null = null;
  for (;;) {
    o.signal.throwIfAborted();
    const tabs = await Promise.all(watch.tabs.map((tab) => readTab(tab, o)));
    const shown = tabs.filter((tab) => tab !== null);
    const isOwn = ({ page }: { page: Page }) => page === o.asked || page === o.page;
    const isSilent = saysNothing(watch, shown, o.asked);
    const seen = shown.filter((tab) => isOwn(tab) || isHeard(tab, { isSilent, container: o.container }));
    const dialogs = watch.dialogs.filter((dialog) => isSilent || isOwn(dialog)).map(({ text }) => text);
    const next = JSON.stringify([dialogs, watch.tabs.length, seen.map(printOf)]);
    if (next !== print) restsSince = performance.now();
    print = next;

    const [best] = seen.toSorted(
      (a, b) => placeOf(a, o) - placeOf(b, o) || rankOf(a.verdict) - rankOf(b.verdict),
    );
    const spoken = dialogs.map((text) => evaluateText(text)).filter((verdict) => verdict !== null);
    const [said] = spoken.toSorted((a, b) => rankOf(a) - rankOf(b));
    let found: Omit<Seen, 'dialogs'> | null = best ?? null;
    const isAwaitingMore = best !== undefined && isLoading(watch, best.page, o.page);
    if (isAwaitingMore) loadedAt = performance.now();
    let neededMs = best ? restOf(best, isAwaitingMore) : Infinity;
    if (best && !isOwn(best))
      neededMs = Math.max(neededMs, isAwaited(watch, best.page) ? REST_MS.loading : REST_MS.telling);
    if (
      said &&
      (!best || rankOf(said) < rankOf(best.verdict) || (said.kind === 'not-found' && !isOwn(best)))
    ) {
      found = { page: best?.page ?? o.page, documents: [], verdict: said };
      // A log-in page may follow, or the answer after a notice.
      neededMs =
        isLoading(watch, found.page, o.page) && said.kind === 'failure' ? REST_MS.following : REST_MS.dialog;
    } else if (!best && watch.hasClosed && watch.tabs.every(({ page }) => page === o.page)) {
      found = { page: o.page, documents: [], verdict: failures.closed };
      neededMs = isLoading(watch, o.page, o.page) ? REST_MS.following : REST_MS.closed;
    }
    if (found && rankOf(found.verdict) < UNCLEAR) told = { ...found, navigation: best?.navigation ?? null };
    // The same document takes back what it said.
    else if (told && best?.page === told.page && best.navigation === told.navigation) told = null;
    const restedMs = performance.now() - restsSince;
    if (!isAwaitingMore && neededMs > REST_MS.answer)
      neededMs = Math.max(neededMs, Math.min(neededMs, REST_MS.loaded) + loadedAt - restsSince);
    const isOver = performance.now() >= deadline;
    if ((found && restedMs >= neededMs) || isOver) {
      const none = { page: o.page, documents: [], verdict: failures.timeout };
      return { ...(told ?? found ?? none), dialogs };
    }
    const soonMs = Math.min(LOOK_MS, neededMs - restedMs, deadline - performance.now());
    await watch.changed(Math.max(10, soonMs));
  }
}

async function readTab(
  tab: WatchedTab,
  o: Pick<Parameters<typeof awaitVerdict>[1], 'evaluate' | 'refusalOf'>,
): Promise<SeenTab | null> {
  const { page, navigation } = tab;
  const isUnderWay = navigation !== null && navigation.status === null && navigation.failure === null;
  if (page.url() === 'about:blank' && (navigation === null || isUnderWay)) return null;
  const documents = await withDeadline(readPage(page), READ_DEADLINE_MS).catch(() => []);
  if (documents.length === 0 && !navigation?.failure) return null;
  const isElsewhere = navigation?.failure && o.refusalOf(navigation.url)?.code === 'BLOCKED_URL';
  const verdict = isElsewhere ? failures.elsewhere : o.evaluate(tab, documents);
  // What is about to be replaced counts only if it is what was asked for.
  return verdict === null || (isUnderWay && rankOf(verdict) > 0)
    ? null
    : { page, documents, verdict, navigation };
}

/** Whether the asked tab leaves the answer to others: it closed, stayed blank or got no page. */
function saysNothing(watch: TabWatch, shown: readonly SeenTab[], asked: Page): boolean {
  const tab = watch.tabs.find(({ page }) => page === asked);
  if (!tab?.navigation) return true;
  const verdict = shown.find(({ page }) => page === asked)?.verdict;
  return verdict === failures.empty || verdict === failures.noPage;
}

/** Whether the content of a tab other than the asked one may be the answer. An advert has sizes and descriptions too. */
function isHeard({ verdict }: SeenTab, o: { isSilent: boolean; container: string }): boolean {
  if (verdict.kind !== 'answer') return o.isSilent;
  const { containerNumber, location } = verdict.data;
  const isNamed = typeof containerNumber === 'string' && containerIn(containerNumber) === o.container;
  return isNamed || (o.isSilent && location !== undefined);
}

/** What the asked tab says comes first, then what the form's says, then all the rest. */
function placeOf({ page, verdict }: SeenTab, o: { asked: Page; page: Page }): number {
  if (rankOf(verdict) === UNCLEAR) return 2;
  return page === o.asked ? 0 : page === o.page ? 1 : 2;
}

const UNCLEAR = 3;
const UNCLEAR_FAILURES = new Set<Verdict>([
  failures.changed,
  failures.empty,
  failures.noPage,
  failures.noForm,
]);

/** The smaller, the better. */
function rankOf(verdict: Verdict): number {
  if (UNCLEAR_FAILURES.has(verdict)) return UNCLEAR;
  return verdict.kind === 'failure' ? 2 : verdict.kind === 'not-found' ? 1 : 0;
}

/** What must rest: an answer itself, and else all that is said, but for clocks and counters. */
function printOf({ verdict, documents }: SeenTab): unknown {
  return rankOf(verdict) === 0 ? verdict : JSON.stringify(documents).replaceAll(/\d/g, '0');
}

function restOf({ documents, verdict, navigation }: SeenTab, isAwaitingMore: boolean): number {
  const rank = rankOf(verdict);
  const isParsed = documents.every((content) => content.isParsed);
  const saysWait = rank === UNCLEAR && documents.some(({ text }) => WAITING.test(text));
  if (documents.every((content) => content.isStatic) && !saysWait) return 0;
  if (rank === 0) return isParsed ? REST_MS.answer : REST_MS.streaming;
  if (navigation?.failure && rank < UNCLEAR) return 0;
  const refreshMs = Math.max(
    0,
    ...documents.map(({ refreshSeconds }) => ((refreshSeconds ?? -2) + 2) * 1_000),
  );
  const restMs =
    rank === UNCLEAR ? Math.max(REST_MS.unclear, Math.min(refreshMs, MAX_REFRESH_MS)) : REST_MS.telling;
  // Scripts that request more may not have run yet.
  return isAwaitingMore || saysWait || !isParsed ? Math.max(restMs, REST_MS.loading) : restMs;
}

/** Whether other tabs than this one still wait for something. */
function isAwaited(watch: TabWatch, shown: Page): boolean {
  return watch.tabs.some(({ page, pending }) => page !== shown && pending.size > 0);
}

/** Whether more may come to a tab, or to another one but the form's, which may never have ended itself. */
function isLoading(watch: TabWatch, shown: Page, form: Page): boolean {
  return watch.tabs.some(({ page, pending }) => pending.size > 0 && (page === shown || page !== form));
}
