import { type Page, TimeoutError } from 'puppeteer-core';

import { AutomationError } from '../automation-error.ts';

/** Says what a failed search means. @throws what is not the site's fault: the browser is gone, or the code is wrong */
export function toSiteError(error: unknown, page: Page): AutomationError {
  if (error instanceof AutomationError) return error;
  if (error instanceof TimeoutError)
    return new AutomationError('SITE_TIMEOUT', 'The port’s site did not answer in time.', { cause: error });
  if (isBrokenPage(error) && page.browser().connected && !page.isClosed())
    return new AutomationError('SITE_UNAVAILABLE', 'The port’s site broke the connection.', { cause: error });
  throw error;
}

/** A page can go away below one's hands: the connection breaks, or the site leads elsewhere or closes its tab. */
function isBrokenPage(error: unknown): boolean {
  return (
    error instanceof Error &&
    /net::ERR_|[Dd]etached|Execution context|Target closed|Session closed|No element found/.test(
      error.message,
    )
  );
}
