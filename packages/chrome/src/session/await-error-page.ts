import type { Frame, Page } from 'puppeteer-core';

/** Chrome shows its error page within a moment, unless it hangs. */
const LIMIT_MS = 5_000;
/** Failures that leave the page where it was. */
const STAYS = 'net::ERR_ABORTED';

/**
 * Lets a `page.goto` that failed end only when Chrome's own error page is shown. Chrome reports the failure first, and an
 * error page that comes later passes for the page that is opened next.
 */
export function awaitErrorPage(page: Page): void {
  const goto = page.goto.bind(page);
  page.goto = async (url, options) => {
    const shown = Promise.withResolvers<void>();
    const onNavigated = (frame: Frame) => {
      if (frame === page.mainFrame() && frame.url().startsWith('chrome-error:')) shown.resolve();
    };
    page.on('framenavigated', onNavigated);
    page.once('close', shown.resolve);
    try {
      return await goto(url, options);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('net::') && !error.message.startsWith(STAYS)) {
        const timer = setTimeout(shown.resolve, LIMIT_MS);
        await shown.promise;
        clearTimeout(timer);
      }
      throw error;
    } finally {
      page.off('framenavigated', onNavigated);
      page.off('close', shown.resolve);
    }
  };
}
