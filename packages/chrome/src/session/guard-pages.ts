import type { Browser, CDPSession } from 'puppeteer-core';
import { openRootSession } from '../cdp/open-root-session.ts';
import { ChromeError } from '../chrome-error.ts';
import { LOCAL_SCHEMES } from '../egress/local-schemes.ts';

const MAX_PAGES = 20;
const WORKERS = [{ type: 'shared_worker' }, { type: 'service_worker' }];
const LOCAL = LOCAL_SCHEMES.flatMap((scheme) => [
  { urlPattern: `${scheme}*` },
  { urlPattern: `view-source:${scheme}*` },
]);
const BROWSER_PAGES = /^(chrome|chrome-untrusted|devtools):/;

/** Told what happens to pages. */
export type PageListener = {
  /** A page's renderer died. */
  onCrash: (error: ChromeError) => void;
  /** A page that no other page opened could not be: this is the last address that it led to. */
  onUnreachable: (url: string) => void;
};

/** What is guarded in a browser that others use too. */
export type GuardScope = {
  /** Only pages of this context. */
  browserContextId: string;
  /** Tells whether a request of a page may be made: for want of a proxy that would evaluate it. */
  isAllowed: (url: string) => boolean;
  /** Told of bytes that a page has received, as they come: without headers, and unpacked. */
  onReceived: (bytes: number) => void;
};

/**
 * Keeps pages from getting in the way: dialogs are dismissed, pages that ask not to be left are left, downloads and choices
 * of files are denied, popups are capped, and what is not the web (`file:` and its like) is never loaded. Each new page is
 * paused until its guard is in place.
 */
export async function guardPages(
  browser: Browser,
  listener: PageListener,
  scope?: GuardScope,
): Promise<void> {
  const connection = await openRootSession(browser);
  await connection.send('Browser.setDownloadBehavior', {
    behavior: 'deny',
    ...(scope && { browserContextId: scope.browserContextId }),
  });
  const pages = new Map<string, Promise<void>>();
  connection.on('Target.detachedFromTarget', ({ sessionId }) => {
    pages.delete(sessionId);
  });
  connection.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    const { targetId, type, browserContextId } = targetInfo;
    // What is an advert's is not what the job fails at.
    const isPopup = targetInfo.openerId !== undefined;
    const session = connection.connection()?.session(sessionId);
    if (!session) return;
    if (scope && browserContextId !== scope.browserContextId) {
      session.send('Runtime.runIfWaitingForDebugger').catch(() => {});
      session.detach().catch(() => {});
      return;
    }
    if (scope && type !== 'page') {
      void guardRequests(session, scope).catch(() => {});
      return;
    }
    const isOneTooMany = pages.size >= MAX_PAGES;
    const settled = isOneTooMany
      ? connection.send('Target.closeTarget', { targetId }).then(() => {})
      : guardPage(session, isPopup ? { ...listener, onUnreachable() {} } : listener, scope);
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
    filter: [{ type: 'page' }, ...(scope ? WORKERS : []), { exclude: true }],
  });
  // The page that was there before.
  await Promise.all(pages.values());
}

async function guardPage(
  session: CDPSession,
  { onCrash, onUnreachable }: PageListener,
  scope: GuardScope | undefined,
): Promise<void> {
  session.on('Page.javascriptDialogOpening', ({ type }) => {
    // The one question that is in the way if it is denied: whether to leave the page.
    session.send('Page.handleJavaScriptDialog', { accept: type === 'beforeunload' }).catch(() => {});
  });
  session.on('Inspector.targetCrashed', () => {
    onCrash(
      new ChromeError(
        'PAGE_CRASHED',
        'The page crashed the tab that showed it. Another attempt may succeed.',
      ),
    );
  });
  session.on('Page.frameNavigated', ({ frame }) => {
    if (frame.unreachableUrl && frame.parentId === undefined) onUnreachable(frame.unreachableUrl);
    // In full Chrome these pages are not fetched, so there is nothing to fail: they are left when they are entered.
    if (BROWSER_PAGES.test(frame.url)) session.send('Page.navigate', { url: 'about:blank' }).catch(() => {});
  });
  await Promise.all([
    session.send('Inspector.enable'),
    session.send('Page.enable'),
    // A file reaches a page by the hand of the automation alone.
    session.send('Page.setInterceptFileChooserDialog', { enabled: true, cancel: true }),
    guardRequests(session, scope),
  ]);
}

/** Evaluates what a page, a frame of another site or a worker asks for, and lets it continue. */
async function guardRequests(session: CDPSession, scope: GuardScope | undefined): Promise<void> {
  session.on('Fetch.requestPaused', ({ requestId, request: { url } }) => {
    const answer = scope?.isAllowed(url)
      ? session.send('Fetch.continueRequest', { requestId })
      : session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    answer.catch(() => {});
  });
  session.on('Target.attachedToTarget', ({ sessionId }) => {
    const inside = session.connection()?.session(sessionId);
    if (inside) guardRequests(inside, scope).catch(() => {});
  });
  if (scope) {
    session.on('Network.dataReceived', ({ dataLength }) => scope.onReceived(dataLength));
  }
  await Promise.all([
    scope && session.send('Network.enable'),
    session.send('Fetch.enable', { patterns: scope ? [{ urlPattern: '*' }] : LOCAL }),
    scope &&
      session.send('Target.setAutoAttach', {
        autoAttach: true,
        waitForDebuggerOnStart: true,
        flatten: true,
        filter: [{ type: 'iframe' }, { type: 'worker' }, { exclude: true }],
      }),
    session.send('Runtime.runIfWaitingForDebugger'),
  ]);
}
