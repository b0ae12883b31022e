import { randomUUID } from 'node:crypto';

import type { HTTPResponse, Page } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import type { JsonObject } from '../define-automation.ts';
import { honestUserAgent } from '../honest-user-agent.ts';
import { readAnswer, throwIfMaintenance } from './read-answer.ts';
import { toSiteError } from './site-error.ts';
import { takePicture } from './take-picture.ts';

/** Where the port is, and how long its pages may take. */
export type PortSite = { baseUrl: string; pageTimeoutMs: number };

/** How a search ended. The picture shows the page, if one could be taken. */
export type Search =
  | { kind: 'found'; data: JsonObject }
  | { kind: 'not-found'; picture: Uint8Array | null }
  | { kind: 'site-failure'; error: AutomationError; picture: Uint8Array | null };

type SearchOptions = PortSite & { container: string; signal: AbortSignal };

const FORM_PATH = 'index.php/Report/mySearchContainerLocationForm';
const FIELD = '#containerLocation';
const PURPOSE = 'container tracking';

/**
 * Looks one container up as a person would: fills the form, and reads the answer in the tab that it opens in. The form
 * stays open for the next search, so that the port is asked for it once.
 *
 * @throws the signal's reason, and what is not the site's fault
 */
export async function searchContainer(
  page: Page,
  site: PortSite,
  o: { container: string; signal: AbortSignal },
): Promise<Search> {
  const options = { ...site, ...o };
  let shown = page;
  try {
    await openForm(page, options);
    const { tab, name } = await openAnswerTab(page, options);
    shown = tab;
    const answer = await submitForm(page, { tab, name }, options);
    return answer.found
      ? { kind: 'found', data: answer.data }
      : { kind: 'not-found', picture: await takePicture(tab) };
  } catch (error) {
    o.signal.throwIfAborted();
    return { kind: 'site-failure', error: toSiteError(error, page), picture: await takePicture(shown) };
  } finally {
    if (shown !== page) await shown.close().catch(() => {});
  }
}

async function openForm(page: Page, { baseUrl, pageTimeoutMs, signal }: SearchOptions): Promise<void> {
  signal.throwIfAborted();
  if (await page.$(FIELD)) return;
  await page.setUserAgent({ userAgent: await honestUserAgent(page, PURPOSE) });
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const response = await page.goto(new URL(FORM_PATH, base).href, {
    waitUntil: 'domcontentloaded',
    timeout: pageTimeoutMs,
    signal,
  });
  await throwIfRefused(page, response);
  if (await page.$(FIELD)) return;
  throwIfMaintenance(await readText(page));
  throw new AutomationError('SITE_LAYOUT_CHANGED', 'The port’s search form is not where it used to be.');
}

/**
 * Opens the tab that the answer will come to. The form would open one itself, but only for a tab that is there before
 * the request can it be said who asks, and can the answer's status be seen.
 */
async function openAnswerTab(
  page: Page,
  { pageTimeoutMs, signal }: SearchOptions,
): Promise<{ tab: Page; name: string }> {
  const name = `answer-${randomUUID()}`;
  const browser = page.browser();
  const before = new Set(browser.targets());
  const [target] = await Promise.all([
    browser.waitForTarget((candidate) => !before.has(candidate) && candidate.opener() === page.target(), {
      timeout: pageTimeoutMs,
      signal,
    }),
    page.evaluate((tabName) => {
      window.open('about:blank', tabName);
    }, name),
  ]);
  const tab = await target.page();
  if (!tab) throw new AutomationError('SITE_UNAVAILABLE', 'The port’s answer opened in no tab.');
  await tab.setUserAgent({ userAgent: await honestUserAgent(page, PURPOSE) });
  return { tab, name };
}

async function submitForm(
  page: Page,
  { tab, name }: { tab: Page; name: string },
  { container, pageTimeoutMs, signal }: SearchOptions,
): ReturnType<typeof readAnswer> {
  await page.bringToFront();
  await page.$eval(
    FIELD,
    (field, tabName) => {
      if (!(field instanceof HTMLInputElement)) return;
      field.value = '';
      if (field.form) field.form.target = tabName;
    },
    name,
  );
  await page.type(FIELD, container);
  const [response] = await Promise.all([
    tab.waitForNavigation({ waitUntil: 'domcontentloaded', timeout: pageTimeoutMs, signal }),
    page.click(`form:has(${FIELD}) [type="submit"]`),
  ]);
  await throwIfRefused(tab, response);
  return readAnswer(tab);
}

/** @throws {AutomationError} if what came is no page of the site, whatever its text says */
async function throwIfRefused(page: Page, response: HTTPResponse | null): Promise<void> {
  if (response && response.status() < 400) return;
  throwIfMaintenance(await readText(page));
  const status = response?.status();
  throw status === 404 || status === 410
    ? new AutomationError('SITE_LAYOUT_CHANGED', 'The port’s search is not where it used to be.')
    : new AutomationError('SITE_UNAVAILABLE', 'The port’s site could not be reached.');
}

function readText(page: Page): Promise<string> {
  return page.evaluate(() => document.documentElement.innerText);
}
