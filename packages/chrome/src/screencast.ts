import { setTimeout as sleep } from 'node:timers/promises';

import type { Browser, CDPSession, Target } from 'puppeteer-core';

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

// Chrome leaves frames out while three are unacknowledged. One more than we know of may be on its way.
const MAY_BE_FULL = 2;

/**
 * Shows a browser at work until it is disposed of: the page that was opened last, and when that closes the one before.
 * A page that does not change sends nothing, and however fast one changes, its last look is always sent.
 *
 * Chrome's `everyNthFrame` is not used: it counts changes, so a page that changes once in a while would not be seen to.
 * Acknowledgements are spread over time instead, and when frames may have been left out and the page has come to rest,
 * it is asked for its look once more. Nothing waits for the browser, which may be frozen or gone.
 */
export function screencast(browser: Browser, o: ScreencastOptions): Disposable {
  let shown: { target: Target; end: AbortController } | null = null;
  const follow = () => {
    const target = browser.targets().findLast((candidate) => candidate.type() === 'page');
    if (!target || target === shown?.target) return;
    shown?.end.abort();
    shown = { target, end: new AbortController() };
    // A page that closes meanwhile has nothing to show.
    void show(target, o, shown.end.signal).catch(() => {});
  };
  browser.on('targetcreated', follow);
  browser.on('targetdestroyed', follow);
  follow();
  return {
    [Symbol.dispose]() {
      browser.off('targetcreated', follow);
      browser.off('targetdestroyed', follow);
      shown?.end.abort();
    },
  };
}

async function show(target: Target, o: ScreencastOptions, end: AbortSignal): Promise<void> {
  const intervalMs = 1000 / o.framesPerSecond;
  const { quality, maxWidth, maxHeight } = o;
  let unacknowledged = 0;
  let mayHaveMissed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const session = await target.createCDPSession();
  // Ends the screencast as well.
  const detach = () => void session.detach().catch(() => {});
  if (end.aborted) return detach();
  end.addEventListener('abort', detach);
  session.on('Page.screencastFrame', take);
  start();

  function start(): void {
    tell(session, 'Page.startScreencast', { format: 'jpeg', quality, maxWidth, maxHeight });
  }

  function take({ data, metadata, sessionId }: FrameEvent): void {
    if (end.aborted) return;
    unacknowledged += 1;
    if (unacknowledged >= MAY_BE_FULL) mayHaveMissed = true;
    const takenAt = metadata.timestamp ? Math.round(metadata.timestamp * 1000) : Date.now();
    const taken = o.onFrame({ jpeg: Buffer.from(data, 'base64'), takenAt });
    turn = turn
      .then(() => Promise.all([taken, sleep(intervalMs, undefined, { signal: end })]))
      .then(() => acknowledge(sessionId))
      .catch(() => {});
  }

  function acknowledge(sessionId: number): void {
    unacknowledged -= 1;
    tell(session, 'Page.screencastFrameAck', { sessionId });
    if (unacknowledged > 0 || !mayHaveMissed) return;
    mayHaveMissed = false;
    tell(session, 'Page.stopScreencast');
    start();
  }
}

type FrameEvent = { data: string; metadata: { timestamp?: number }; sessionId: number };

/** Says something to the page. One that has closed, or whose browser is gone, need not hear it. */
function tell(session: CDPSession, ...call: Parameters<CDPSession['send']>): void {
  session.send(...call).catch(() => {});
}
