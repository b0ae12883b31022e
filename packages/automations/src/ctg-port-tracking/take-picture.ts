import type { Page } from 'puppeteer-core';

import { withDeadline } from '../with-deadline.ts';

/** A picture is worth some seconds, not the run. */
const PATIENCE_MS = 10_000;

/** Takes a picture of what a page shows; null if it cannot be had. */
export function takePicture(page: Page): Promise<Uint8Array | null> {
  return withDeadline(page.screenshot({ type: 'png' }), PATIENCE_MS).catch(() => null);
}
