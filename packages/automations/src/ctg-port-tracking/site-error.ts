import { ChromeError } from '@gantry/chrome';
import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';
import { type Failure, failures } from './verdict.ts';

const MAX_SAID = 300;

/** What the site did instead of answering, and the page that shows it. */
export class SiteError extends AutomationError {
  readonly page: Page;

  constructor({ code, message }: Failure, o: { page: Page; dialogs: readonly string[] }) {
    super(code, `${message}${quoteDialogs(o.dialogs)}`);
    this.page = o.page;
  }
}

/** What the site said in dialogs, as the end of a message. */
export function quoteDialogs(dialogs: readonly string[]): string {
  const said = [...new Set(dialogs.filter((text) => text !== ''))].join(' / ').slice(0, MAX_SAID);
  return said === '' ? '' : ` The site said: “${said}”`;
}

/**
 * Says what a broken search means. Whatever breaks in a page is the row's: the site led elsewhere, closed its tab or
 * replaced a document at that moment.
 *
 * @throws what is not: the browser is gone, or one of its limits is reached
 */
export function toSiteError(error: unknown, page: Page): AutomationError {
  if (error instanceof AutomationError) return error;
  if (error instanceof ChromeError || !page.browser().connected) throw error;
  if (error instanceof TimeoutError)
    return new AutomationError('SITE_TIMEOUT', failures.timeout.message, { cause: error });
  if (isBrokenPage(error))
    return new AutomationError(
      'SITE_UNAVAILABLE',
      'The port’s site broke off in the middle of the search. Try again later.',
      { cause: error },
    );
  return new AutomationError(
    'LOOKUP_FAILED',
    'The search stopped at something that this automation does not expect. Run the row again; if it fails again, report it with the picture of the row.',
    { cause: error },
  );
}

/** What puppeteer throws when a page, a frame or its document goes away while it is used. */
function isBrokenPage(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/ProtocolError|TargetCloseError/.test(error.name) ||
      /net::ERR_|[Dd]etached|[Ee]xecution context|Target closed|[Ss]ession closed|JavaScript world|Node is |No element found/.test(
        error.message,
      ))
  );
}
