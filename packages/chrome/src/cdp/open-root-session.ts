import type { Browser, CDPSession } from 'puppeteer-core';

import { asOnlooker } from './count-commands.ts';

const parents = new WeakMap<Browser, Promise<CDPSession>>();

/**
 * Opens a session with the browser itself. Puppeteer's `createCDPSession` must not be used for that: when two of its calls
 * for one target are under way at once, it takes the second session for one of its own pages, and loses the real pages when
 * that session ends (`Connection.isAutoAttached`). It is called here once for each browser, before anyone else has it; all
 * other sessions are children of that one, which puppeteer leaves alone.
 */
export async function openRootSession(browser: Browser): Promise<CDPSession> {
  let opening = parents.get(browser);
  if (!opening) {
    opening = browser.target().createCDPSession();
    parents.set(browser, opening);
  }
  const parent = await opening;
  const { sessionId } = await asOnlooker(browser, () => parent.send('Target.attachToBrowserTarget'));
  const session = parent.connection()?.session(sessionId);
  if (!session) throw new Error('The browser has ended.');
  return session;
}

/** Closes a session that was opened here. Only its parent can: puppeteer's `detach` asks the connection. */
export function closeRootSession(browser: Browser, session: CDPSession): void {
  const sessionId = session.id();
  void parents
    .get(browser)
    ?.then((parent) => asOnlooker(browser, () => parent.send('Target.detachFromTarget', { sessionId })))
    .catch(() => {});
}
