import { type Browser, type BrowserContext, type ConnectionTransport, connect } from 'puppeteer-core';

import { limitUnanswered } from '../cdp/limit-unanswered.ts';

/**
 * Makes a context in a browser that others use too, and gives the browser as if that were all of it: nothing of others is
 * seen, and what is meant for the whole of it does nothing to them.
 *
 * @param o.onUnresponsive called when it leaves too many commands unanswered
 * @throws {Error} whatever kept it from being made
 */
export async function openContext(
  transport: ConnectionTransport,
  o: { onUnresponsive: () => void },
): Promise<{ browser: Browser; context: BrowserContext & { id: string } }> {
  let own: string | undefined;
  const browser = await connect({
    transport,
    logger: limitUnanswered(o.onUnresponsive),
    targetFilter: (target) => own !== undefined && target.browserContext().id === own,
  });
  const context = await browser.createBrowserContext();
  own = context.id;
  if (!hasId(context)) throw new Error('A context without a name.');
  return {
    browser: Object.assign(browser, {
      newPage: context.newPage.bind(context),
      close: () => browser.disconnect(),
      createBrowserContext: () => Promise.reject(new Error('In a browser of others there is one context.')),
    }),
    context,
  };
}

function hasId(context: BrowserContext): context is BrowserContext & { id: string } {
  return context.id !== undefined;
}
