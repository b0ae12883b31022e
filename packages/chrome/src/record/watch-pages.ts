import type { CDPSession, Page } from 'puppeteer-core';

import { openRootSession } from '../cdp/open-root-session.ts';

/** A page, or a frame of one that has a process of its own. */
export type WatchedPage = {
  session: CDPSession;
  /** Of the page, from 1 in the order in which they were opened. */
  number: number;
  isFrame: boolean;
};

/**
 * Opens a session of its own to each page that there is and will be beside a job's own page, popups and frames of other
 * sites included, before it has asked for anything.
 *
 * @param begin sends what it wants to hear of the page, without waiting for answers
 * @param end called when a page is gone
 */
export async function watchPages(
  own: Page,
  begin: (page: WatchedPage) => Promise<unknown>[],
  end: (page: WatchedPage) => void = () => {},
): Promise<void> {
  const root = await openRootSession(own.browser());
  // In a browser that others run, theirs are none of our business.
  const contextId = own.browserContext().id;
  let opened = 0;
  const watch = async (parent: CDPSession, inside: WatchedPage | null) => {
    const pages = new Map<string, WatchedPage>();
    parent.on('Target.detachedFromTarget', ({ sessionId }) => {
      const page = pages.get(sessionId);
      pages.delete(sessionId);
      if (page) end(page);
    });
    parent.on('Target.attachedToTarget', ({ sessionId, targetInfo: { browserContextId } }) => {
      const session = root.connection()?.session(sessionId);
      if (!session) return;
      if (contextId !== undefined && browserContextId !== contextId) {
        session.send('Runtime.runIfWaitingForDebugger').catch(() => {});
        session.detach().catch(() => {});
        return;
      }
      const page = { session, number: inside?.number ?? ++opened, isFrame: inside !== null };
      pages.set(sessionId, page);
      // A page that closes meanwhile fails all of these, and needs none.
      void Promise.allSettled([
        ...begin(page),
        watch(session, page),
        session.send('Runtime.runIfWaitingForDebugger'),
      ]);
    });
    await parent.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: true,
      flatten: true,
      filter: [{ type: inside ? 'iframe' : 'page' }, { exclude: true }],
    });
  };
  await watch(root, null);
}
