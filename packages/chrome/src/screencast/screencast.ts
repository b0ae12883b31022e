import { setTimeout as sleep } from 'node:timers/promises';

import { type Browser, type CDPSession, type Page, type Target, TargetType } from 'puppeteer-core';

import { asOnlooker } from '../cdp/count-commands.ts';
import { closeRootSession, openRootSession } from '../cdp/open-root-session.ts';

/** A picture of a page. */
export type ScreencastFrame = {
  jpeg: Buffer;
  /** When the page looked so, in milliseconds since 1970. */
  takenAt: number;
};

/** What is shown, how well, and to whom. */
export type ScreencastOptions = {
  /** Frames a second at most, beyond the first three of a burst. */
  framesPerSecond: number;
  /** In pixels; a page that is larger is scaled down, its proportions stay. */
  maxWidth: number;
  maxHeight: number;
  /** Of the JPEG, 0 to 100. */
  quality: number;
  /**
   * Given each frame at once. While promises that it returned are pending, the browser makes three more frames at most.
   * It must neither throw nor reject.
   */
  onFrame: (frame: ScreencastFrame) => Promise<void> | void;
};

/**
 * Shows a page, or one that was opened beside it, until it is disposed of: always the page that was opened last and has been
 * somewhere; when that closes, the one before. Pages of other contexts are never shown: the browser may be one that others
 * use too. A page that does not change sends nothing. One that changes fast is not shown at every moment, but its last look
 * is always sent. Screencasts of one browser do not disturb each other, and none keeps an idle job from being ended.
 *
 * Chrome's `everyNthFrame` is not used: it counts changes, so a page that changes once in a while would not be seen to.
 * Instead, acknowledgements are spread over time, since Chrome sends nothing while three are missing. What it leaves out
 * then, and now and then during a navigation, is made up for: a page that has come to rest is asked for its look once more,
 * and the screencast of one that has gone elsewhere is begun anew. Nothing waits for the browser, which may be frozen or gone.
 */
export function screencast(page: Page, o: ScreencastOptions): Disposable {
  const end = new AbortController();
  void follow(page, o, end.signal).catch(() => {});
  return { [Symbol.dispose]: () => end.abort() };
}

async function follow(page: Page, o: ScreencastOptions, end: AbortSignal): Promise<void> {
  const context = page.browserContext();
  const browser = page.browser();
  const root = await openRootSession(browser);
  let shown: { target: Target; url: string; end: AbortController } | null = null;
  const showFront = () => {
    const target = findFront(context.targets());
    if (!target || (target === shown?.target && target.url() === shown.url)) return;
    shown?.end.abort();
    shown = { target, url: target.url(), end: new AbortController() };
    // A page that closes meanwhile has nothing to show.
    void show(browser, root, idOf(target), o, shown.end.signal).catch(() => {});
  };
  const stop = () => {
    for (const event of TARGET_EVENTS) context.off(event, showFront);
    shown?.end.abort();
    closeRootSession(browser, root);
  };
  if (end.aborted) return stop();
  end.addEventListener('abort', stop);
  for (const event of TARGET_EVENTS) context.on(event, showFront);
  showFront();
}

const TARGET_EVENTS = ['targetcreated', 'targetchanged', 'targetdestroyed'] as const;

/** A new tab is blank until its answer comes: till then there is more to see in the one that waits for it. */
function findFront(targets: Target[]): Target | undefined {
  const pages = targets.filter((target) => target.type() === TargetType.PAGE);
  return pages.findLast((page) => page.url() !== '' && page.url() !== 'about:blank') ?? pages.at(-1);
}

/** The browser's name for a page. Puppeteer has the pages in the order in which they opened, but keeps their ids to itself. */
function idOf(target: Target): string {
  return '_targetId' in target ? String(target._targetId) : '';
}

async function show(
  browser: Browser,
  root: CDPSession,
  targetId: string,
  o: ScreencastOptions,
  end: AbortSignal,
): Promise<void> {
  const intervalMs = 1000 / o.framesPerSecond;
  const { quality, maxWidth, maxHeight } = o;
  let unacknowledged = 0;
  // Whether the next frame answers our own question, and whether others have come since.
  let isAsked = false;
  let hasMoved = false;
  let last: Buffer | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  /** Says something to the page. One that has closed, or whose browser is gone, need not hear it. */
  const tell = (to: CDPSession, ...call: Parameters<CDPSession['send']>) => {
    asOnlooker(browser, () => to.send(...call)).catch(() => {});
  };
  const { sessionId: id } = await asOnlooker(browser, () =>
    root.send('Target.attachToTarget', { targetId, flatten: true }),
  );
  const session = root.connection()?.session(id);
  if (!session) return;
  // Ends the screencast as well.
  const detach = () => tell(root, 'Target.detachFromTarget', { sessionId: id });
  if (end.aborted) return detach();
  end.addEventListener('abort', detach);
  const start = () => {
    isAsked = true;
    tell(session, 'Page.startScreencast', { format: 'jpeg', quality, maxWidth, maxHeight });
  };
  const acknowledge = (sessionId: number) => {
    unacknowledged -= 1;
    tell(session, 'Page.screencastFrameAck', { sessionId });
    if (unacknowledged > 0 || !hasMoved) return;
    hasMoved = false;
    tell(session, 'Page.stopScreencast');
    start();
  };
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    if (end.aborted) return;
    unacknowledged += 1;
    if (!isAsked) hasMoved = true;
    isAsked = false;
    const jpeg = Buffer.from(data, 'base64');
    const takenAt = metadata.timestamp ? Math.round(metadata.timestamp * 1000) : Date.now();
    // Asked once more, a page mostly looks as before.
    const taken = last?.equals(jpeg) ? undefined : o.onFrame({ jpeg, takenAt });
    last = jpeg;
    turn = turn
      .then(() => Promise.all([taken, sleep(intervalMs, undefined, { signal: end })]))
      .then(() => acknowledge(sessionId))
      .catch(() => {});
  });
  start();
}
