import type { Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';

/** A picture is worth some seconds, not the run. */
const PATIENCE_MS = 10_000;

/** Takes a picture of what a page shows; null if it cannot be had. */
export function takePicture(page: Page): Promise<Uint8Array | null> {
  return withDeadline(capture(page), PATIENCE_MS).catch(() => null);
}

/** Puppeteer's `screenshot` would keep every tab from opening and closing until it ends: minutes, for a page that draws nothing. */
async function capture(page: Page): Promise<Uint8Array> {
  await page.bringToFront();
  const session = await page.createCDPSession();
  try {
    const { data } = await session.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  } finally {
    session.detach().catch(() => {});
  }
}
