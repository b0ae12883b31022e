import type { Page } from 'puppeteer-core';

import { asOnlooker } from '../count-commands.ts';
import { type WatchedPage, watchPages } from '../record/watch-pages.ts';
import type { FrameLog } from './frame-log.ts';

const LOOK = { format: 'jpeg', quality: 55, maxWidth: 960, maxHeight: 960 } as const;

/**
 * Films the pages of a browser from now on: of several, the one that was opened last and has something to show. A page
 * that does not move costs nothing.
 */
export async function filmBrowser(own: Page, frames: FrameLog): Promise<void> {
  const open: WatchedPage[] = [];
  const start = ({ session }: WatchedPage) => [
    session.send('Page.enable'),
    session.send('Page.startScreencast', LOOK),
  ];
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
      // What comes to light has not moved meanwhile, and would send no picture.
      const front = open.at(-1);
      if (front) void Promise.allSettled([front.session.send('Page.stopScreencast'), ...start(front)]);
    },
  );
}
