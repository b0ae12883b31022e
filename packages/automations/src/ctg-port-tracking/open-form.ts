import type { Page } from 'puppeteer-core';

import type { AutomationContext } from '../define-automation.ts';
import { honestUserAgent } from '../honest-user-agent.ts';
import { awaitVerdict } from './await-verdict.ts';
import { FIELD } from './read-page.ts';
import { SiteError } from './site-error.ts';
import { evaluateNavigation, evaluateTab, failures } from './verdict.ts';
import type { TabWatch } from './watch-tabs.ts';

const FORM_PATH = 'index.php/Report/mySearchContainerLocationForm';

/** Who asks, in the name of the browser. */
export const PURPOSE = 'container tracking';

/** Makes a tab show the port's form, unless it does already. @throws {SiteError} */
export async function openForm(
  page: Page,
  watch: TabWatch,
  o: {
    baseUrl: string;
    pageTimeoutMs: number;
    signal: AbortSignal;
    refusalOf: AutomationContext['refusalOf'];
  },
): Promise<void> {
  o.signal.throwIfAborted();
  if (await hasForm(page)) return;
  // One that a page of the port left behind may answer in its place.
  await page.setBypassServiceWorker(true);
  await page.setUserAgent({ userAgent: await honestUserAgent(page, PURPOSE) });
  const base = o.baseUrl.endsWith('/') ? o.baseUrl : `${o.baseUrl}/`;
  // Its end is seen by what the tab shows: a form can be used before its page has ended.
  page.goto(new URL(FORM_PATH, base).href, { timeout: o.pageTimeoutMs, signal: o.signal }).catch(() => {});
  const seen = await awaitVerdict(watch, {
    timeoutMs: o.pageTimeoutMs,
    signal: o.signal,
    page,
    asked: page,
    container: '',
    refusalOf: o.refusalOf,
    evaluate({ page: tab, navigation }, documents) {
      const [own] = documents;
      if (navigation === null || tab !== page) return null;
      if (own?.hasField && !evaluateNavigation(navigation)) return { kind: 'form' };
      const verdict = evaluateTab(documents, { navigation, container: '' });
      // Whatever else such a page shows, it is no form.
      return verdict?.kind === 'failure' && verdict !== failures.changed ? verdict : failures.noForm;
    },
  });
  const { verdict, page: shown, dialogs } = seen;
  if (verdict.kind === 'form') return;
  const failure = verdict.kind === 'failure' ? verdict : failures.noForm;
  throw new SiteError(failure, { page: shown, dialogs });
}

/** By a single question: a handle of the field would belong to a document that may be replaced meanwhile. */
function hasForm(page: Page): Promise<boolean> {
  return page.evaluate((field) => document.querySelector(field) !== null, FIELD);
}
