import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { type PortAnswer, readAnswer, throwIfMaintenance } from './read-answer.ts';

/** Where the port is, and how long its pages may take. */
export type PortSite = { baseUrl: string; pageTimeoutMs: number };

const FORM_PATH = 'index.php/Report/mySearchContainerLocationForm';

/**
 * Looks one container up as a person would: fills the form, and reads the answer in the tab that opens.
 *
 * @param onAnswerPage gets the tab with the answer, or what came instead, before it is closed
 * @throws {AutomationError} SITE_UNAVAILABLE, SITE_TIMEOUT, SITE_MAINTENANCE, SITE_LAYOUT_CHANGED
 */
export async function searchContainer(
  page: Page,
  site: PortSite,
  container: string,
  onAnswerPage: (page: Page, answer: PortAnswer | null) => Promise<void>,
): Promise<PortAnswer> {
  await openForm(page, site);
  await page.$eval('#containerLocation', (input) => {
    if (input instanceof HTMLInputElement) input.value = '';
  });
  await page.type('#containerLocation', container);
  const popup = await submitForm(page, site);
  let answer: PortAnswer | null = null;
  try {
    await waitForDocument(popup, site);
    answer = await readAnswer(popup);
    return answer;
  } finally {
    await onAnswerPage(popup, answer).catch(() => {});
    await popup.close().catch(() => {});
  }
}

async function openForm(page: Page, { baseUrl, pageTimeoutMs }: PortSite): Promise<void> {
  if (await page.$('#containerLocation')) return;
  await page
    .goto(new URL(FORM_PATH, baseUrl).href, { waitUntil: 'domcontentloaded', timeout: pageTimeoutMs })
    .catch(explain);
  if (await page.$('#containerLocation')) return;
  throwIfMaintenance(await page.$eval('body', (body) => body.innerText));
  throw new AutomationError('SITE_LAYOUT_CHANGED', 'The port’s search form is not where it used to be.');
}

async function submitForm(page: Page, { pageTimeoutMs }: PortSite): Promise<Page> {
  const opener = page.target();
  const [target] = await Promise.all([
    page.browser().waitForTarget((candidate) => candidate.opener() === opener, { timeout: pageTimeoutMs }),
    page.click('form[target="_blank"] button[type="submit"]'),
  ]).catch(explain);
  const popup = await target.page();
  if (!popup) throw new AutomationError('SITE_UNAVAILABLE', 'The port’s answer opened in no tab.');
  return popup;
}

/** The tab is there before its page is: it begins as a blank one, and stays so if the connection breaks. */
async function waitForDocument(popup: Page, { pageTimeoutMs }: PortSite): Promise<void> {
  await popup
    .waitForFunction(
      () =>
        location.href !== 'about:blank' &&
        document.readyState !== 'loading' &&
        document.body.innerText.trim() !== '',
      {
        timeout: pageTimeoutMs,
      },
    )
    .catch(explain);
  if (popup.url().startsWith('chrome-error:') || (await isErrorPage(popup))) {
    throw new AutomationError('SITE_UNAVAILABLE', 'The port’s site broke the connection.');
  }
}

function isErrorPage(popup: Page): Promise<boolean> {
  return popup.evaluate(
    () => location.protocol === 'chrome-error:' || document.documentElement.innerText.includes('ERR_'),
  );
}

function explain(error: unknown): never {
  if (error instanceof TimeoutError) {
    throw new AutomationError('SITE_TIMEOUT', 'The port’s site did not answer in time.', { cause: error });
  }
  if (
    error instanceof Error &&
    /net::ERR_|Navigating frame was detached|detached Frame/.test(error.message)
  ) {
    throw new AutomationError('SITE_UNAVAILABLE', 'The port’s site could not be reached.', { cause: error });
  }
  throw error;
}
