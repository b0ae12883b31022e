import type { Page } from 'puppeteer-core';

import { asOnlooker } from '../cdp/count-commands.ts';
import { type WatchedPage, watchPages } from '../record/watch-pages.ts';
import type { FrameLog } from './frame-log.ts';

/** How long the last picture is waited for: a page that hangs gives none. */
const LAST_PICTURE_MS = 2_000;
const LOOK = { format: 'jpeg', quality: 55, maxWidth: 960, maxHeight: 960 } as const;

/** A film that is being made. */
export type Film = {
  /**
   * Takes a last picture, of how the page looks now: of what was painted a moment ago none may have come yet. Waits no
   * longer than two seconds.
   */
  finish(): Promise<void>;
};

/**
 * Films the pages of a browser from now on: of several, the one that was opened last and has something to show. A page
 * that does not move costs nothing.
 */
export async function filmBrowser(own: Page, frames: FrameLog): Promise<Film> {
  const open: WatchedPage[] = [];
  let onFrame = () => {};
  const start = ({ session }: WatchedPage) => [
    session.send('Page.enable'),
    session.send('Page.startScreencast', LOOK),
  ];
  // What has not moved meanwhile would send no picture.
  const startAnew = (page: WatchedPage) =>
    void Promise.allSettled([page.session.send('Page.stopScreencast'), ...start(page)]);
  await watchPages(
    own,
    (page) => {
      if (page.isFrame) return [];
      page.session.on('Page.screencastFrame', ({ data, sessionId, metadata: { timestamp } }) => {
        asOnlooker(own.browser(), () => page.session.send('Page.screencastFrameAck', { sessionId })).catch(
          () => {},
        );
        if (page !== open.at(-1)) return;
        const at = timestamp === undefined ? Date.now() : timestamp * 1000;
        frames.add({ at, page: page.number, jpeg: Buffer.from(data, 'base64') });
        onFrame();
      });
      if (page.number === 1) {
        open.push(page);
        return start(page);
      }
      // Until its document has come it is blank, and what it was opened from says more.
      page.session.once('Page.domContentEventFired', () => {
        open.push(page);
        void Promise.allSettled(start(page));
      });
      return [page.session.send('Page.enable')];
    },
    (page) => {
      const index = open.indexOf(page);
      if (index < 0) return;
      open.splice(index, 1);
      const front = open.at(-1);
      if (front) startAnew(front);
    },
  );
  return {
    async finish() {
      const front = open.at(-1);
      if (!front) return;
      const taken = Promise.withResolvers<void>();
      const timer = setTimeout(taken.resolve, LAST_PICTURE_MS);
      // What a screencast begins with was painted some time ago: a screenshot has the page painted as it is now.
      front.session.send('Page.captureScreenshot', { format: 'jpeg', quality: 0 }).then(() => {
        onFrame = taken.resolve;
        startAnew(front);
      }, taken.resolve);
      await taken.promise;
      clearTimeout(timer);
    },
  };
}
