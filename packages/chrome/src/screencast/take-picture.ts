import type { Page } from 'puppeteer-core';

import { unlessAborted } from '../unless-aborted.ts';

/** Part of a page, in pixels from its top left. */
export type PictureClip = { x: number; y: number; width: number; height: number };

/**
 * Takes a picture of a page as PNG: of what its window shows, or of `clip`, which may be outside of the window.
 * Puppeteer's `screenshot` would keep every tab from opening and closing until it ends, which takes minutes for a page that
 * is never drawn.
 *
 * @throws the browser's error, or a `TimeoutError` after `timeoutMs`
 */
export function takePicture(page: Page, o: { timeoutMs: number; clip?: PictureClip }): Promise<Uint8Array> {
  return unlessAborted(capture(page, o.clip), AbortSignal.timeout(o.timeoutMs));
}

async function capture(page: Page, clip: PictureClip | undefined): Promise<Uint8Array> {
  await page.bringToFront();
  const session = await page.createCDPSession();
  try {
    const { data } = await session.send('Page.captureScreenshot', {
      format: 'png',
      ...(clip && { clip: { ...clip, scale: 1 }, captureBeyondViewport: true }),
    });
    return Buffer.from(data, 'base64');
  } finally {
    session.detach().catch(() => {});
  }
}
