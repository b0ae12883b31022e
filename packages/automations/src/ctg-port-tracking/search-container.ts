import { randomUUID } from 'node:crypto';
import { takePicture } from '@gantry/chrome';
import type { JsonObject } from '@gantry/contract';
import type { Page } from 'puppeteer-core';

import type { AutomationError } from '../automation-error.ts';
import type { AutomationContext } from '../define-automation.ts';
import { honestUserAgent } from '../honest-user-agent.ts';
import { withDeadline } from '../with-deadline.ts';
import { awaitVerdict, type Seen } from './await-verdict.ts';
import { openForm, PURPOSE } from './open-form.ts';
import { FIELD, readPage } from './read-page.ts';
import { quoteDialogs, SiteError, toSiteError } from './site-error.ts';
import { evaluateTab, failures } from './verdict.ts';
import { TabWatch } from './watch-tabs.ts';

/** Where the port is, and how long its pages may take. */
export type PortSite = { baseUrl: string; pageTimeoutMs: number };

/** How a search ended. The picture shows the page, if one could be taken; of failures only at the last try. */
export type Search =
  | { kind: 'found'; data: JsonObject }
  | { kind: 'not-found'; message: string; picture: Uint8Array | null }
  | { kind: 'site-failure'; error: AutomationError; picture: Uint8Array | null };

type Asked = { container: string; signal: AbortSignal; refusalOf: AutomationContext['refusalOf'] };
type SearchOptions = PortSite & Asked;

/** Beside the two pages of a search: for tabs, typing and reading. */
const SPARE_TIME_MS = 30_000;
const TAB_DEADLINE_MS = 15_000;
/** A picture is worth some seconds, not the run. */
const PICTURE_TIMEOUT_MS = 10_000;
const CLOSE_DELAY_MS = 1_000;

/**
 * Looks one container up as a person would: fills the form, and reads the answer wherever it comes. The form stays open for
 * the next search, so that the port is asked for it once. Always ends: within twice the limit for a page and 30 s.
 *
 * @throws the signal's reason, and what is not the site's fault
 */
export async function searchContainer(
  page: Page,
  site: PortSite,
  o: Asked & { isLastTry: boolean },
): Promise<Search> {
  using watch = new TabWatch(page.browserContext());
  watch.add(page);
  const ended = new AbortController();
  const signal = AbortSignal.any([o.signal, ended.signal]);
  try {
    const work = search(page, watch, { ...site, ...o, signal });
    return await withDeadline(work, 2 * site.pageTimeoutMs + SPARE_TIME_MS);
  } catch (error) {
    o.signal.throwIfAborted();
    const shown = error instanceof SiteError ? error.page : page;
    const picture = o.isLastTry ? await tryPicture(shown) : null;
    o.signal.throwIfAborted();
    return { kind: 'site-failure', error: toSiteError(error, page), picture };
  } finally {
    ended.abort();
  }
}

async function search(page: Page, watch: TabWatch, o: SearchOptions): Promise<Search> {
  await openForm(page, watch, o);
  const tab = await openAnswerTab(page, watch);
  watch.forgetDialogs();
  const form = await readPage(page);
  const before = JSON.stringify(form);
  await submitForm(page, { ...o, tabName: tab?.name ?? '_self' });
  const seen = await awaitVerdict(watch, {
    timeoutMs: o.pageTimeoutMs,
    signal: o.signal,
    page,
    asked: tab?.page ?? page,
    container: o.container,
    refusalOf: o.refusalOf,
    evaluate({ page: shown, navigation }, documents) {
      const hasForm = documents.some(({ hasField }) => hasField);
      if (shown === page && JSON.stringify(documents) === before) return null;
      const found = evaluateTab(documents, { navigation, container: o.container, form });
      // A form that says “Please wait” is not the answer.
      return shown === page && hasForm && found === failures.changed ? null : found;
    },
  });
  const result = await toResult(seen);
  // The next search must not take an answer in the form's own page for its own.
  if (seen.page === page && seen.documents.length > 0) await page.goto('about:blank').catch(() => {});
  return result;
}

/** A picture of what a page shows; null if it cannot be had. */
function tryPicture(page: Page): Promise<Uint8Array | null> {
  return takePicture(page, { timeoutMs: PICTURE_TIMEOUT_MS }).catch(() => null);
}

/** @throws {SiteError} */
async function toResult({ verdict, page, dialogs }: Seen): Promise<Search> {
  if (verdict.kind === 'failure') throw new SiteError(verdict, { page, dialogs });
  if (verdict.kind === 'form') throw new SiteError(failures.changed, { page, dialogs });
  if (verdict.kind === 'not-found') {
    const message = `The port does not know this container.${quoteDialogs(dialogs)}`;
    return { kind: 'not-found', message, picture: await tryPicture(page) };
  }
  const notice = dialogs.join('\n');
  return { kind: 'found', data: { ...verdict.data, ...(notice !== '' && { notice }) } };
}

/**
 * Opens the tab that the answer will come to. The form would open one itself, but only for a tab that is there before
 * the request can it be said who asks, and can the answer's status be seen.
 *
 * @returns null if the site keeps tabs from opening
 */
async function openAnswerTab(page: Page, watch: TabWatch): Promise<{ name: string; page: Page } | null> {
  const name = `answer-${randomUUID()}`;
  const opened = Promise.withResolvers<Page | null>();
  page.once('popup', opened.resolve);
  const open = (tabName: string) => window.open('about:blank', tabName) !== null;
  try {
    const tab = (await page.evaluate(open, name))
      ? await withDeadline(opened.promise, TAB_DEADLINE_MS)
      : null;
    if (!tab) return null;
    watch.add(tab);
    await tab.evaluateOnNewDocument(makeReadable, CLOSE_DELAY_MS);
    await tab.setBypassServiceWorker(true);
    await tab.setUserAgent({ userAgent: await honestUserAgent(page, PURPOSE) });
    return { name, page: tab };
  } finally {
    page.off('popup', opened.resolve);
  }
}

/** Runs in each document of the answer's tab. One that prints itself and closes is read before, and so are closed shadows. */
function makeReadable(closeDelayMs: number): void {
  const close = window.close.bind(window);
  window.close = () => void setTimeout(close, closeDelayMs);
  // oxlint-disable-next-line typescript/unbound-method -- called with the element below
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachOpen(init) {
    return attach.call(this, { ...init, mode: 'open' });
  };
}

async function submitForm(
  page: Page,
  { container, tabName }: { container: string; tabName: string },
): Promise<void> {
  await page.bringToFront();
  const clear = (selector: string) => {
    const field = document.querySelector(selector);
    if (field instanceof HTMLInputElement) field.value = '';
  };
  await page.evaluate(clear, FIELD);
  await page.type(FIELD, container);
  await page.evaluate(
    (selector, target) => {
      const field = document.querySelector(selector);
      if (!(field instanceof HTMLInputElement)) throw new Error('No element found');
      // A form that asks whether to search gets a yes; dialogs are dismissed otherwise.
      window.confirm = () => true;
      const { form } = field;
      if (form) form.target = target;
      const button = (form ?? document).querySelector<HTMLElement>(
        '[type="submit"], [type="image"], button:not([type]), button, input[type="button"]',
      );
      if (button) button.click();
      else form?.requestSubmit();
    },
    FIELD,
    tabName,
  );
}
