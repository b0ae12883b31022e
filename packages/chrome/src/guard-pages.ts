import type { Browser, CDPSession } from 'puppeteer-core';

import { ChromeError } from './chrome-error.ts';

const MOST_PAGES = 20;
// No proxy sees these. A page of the web cannot open them, but a job's address may lead there.
const LOCAL_SCHEMES = ['file:', 'filesystem:', 'ftp:', 'chrome:', 'chrome-untrusted:', 'devtools:'];
const BROWSER_PAGES = /^(chrome|chrome-untrusted|devtools):/;

/**
 * Keeps pages from getting in the way: dialogs are dismissed, downloads denied, popups capped, and what is not the
 * web (`file:` and its like) is never loaded. Each new page is held still until its guard stands.
 *
 * @param onCrash called when a page's renderer dies
 */
export async function guardPages(browser: Browser, onCrash: (error: ChromeError) => void): Promise<void> {
  const connection = await browser.target().createCDPSession();
  await connection.send('Browser.setDownloadBehavior', { behavior: 'deny' });
  const pages = new Map<string, Promise<void>>();
  connection.on('Target.detachedFromTarget', ({ sessionId }) => {
    pages.delete(sessionId);
  });
  connection.on('Target.attachedToTarget', ({ sessionId, targetInfo: { targetId } }) => {
    const session = connection.connection()?.session(sessionId);
    if (!session) return;
    const isOneTooMany = pages.size >= MOST_PAGES;
    const settled = isOneTooMany
      ? connection.send('Target.closeTarget', { targetId }).then(() => {})
      : guardPage(session, onCrash);
    // A page that closes meanwhile fails its guard, and needs none.
    pages.set(
      sessionId,
      settled.catch(() => {}),
    );
  });
  await connection.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: true,
    flatten: true,
    filter: [{ type: 'page' }, { exclude: true }],
  });
  // The page that was there before.
  await Promise.all(pages.values());
}

async function guardPage(session: CDPSession, onCrash: (error: ChromeError) => void): Promise<void> {
  session.on('Page.javascriptDialogOpening', () => {
    session.send('Page.handleJavaScriptDialog', { accept: false }).catch(() => {});
  });
  session.on('Inspector.targetCrashed', () => {
    onCrash(new ChromeError('PAGE_CRASHED', 'The page crashed the tab that showed it.'));
  });
  // In full Chrome these pages are not fetched, so there is nothing to fail: they are left as soon as they are entered.
  session.on('Page.frameNavigated', ({ frame }) => {
    if (BROWSER_PAGES.test(frame.url)) session.send('Page.navigate', { url: 'about:blank' }).catch(() => {});
  });
  session.on('Fetch.requestPaused', ({ requestId }) => {
    session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }).catch(() => {});
  });
  await Promise.all([
    session.send('Inspector.enable'),
    session.send('Page.enable'),
    session.send('Fetch.enable', {
      patterns: LOCAL_SCHEMES.flatMap((scheme) => [
        { urlPattern: `${scheme}*` },
        { urlPattern: `view-source:${scheme}*` },
      ]),
    }),
    session.send('Runtime.runIfWaitingForDebugger'),
  ]);
}
