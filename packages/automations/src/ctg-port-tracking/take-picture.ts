import { setTimeout } from 'node:timers/promises';

import type { Page } from 'puppeteer-core';

/** A picture is worth some seconds, not the run. */
const PATIENCE_MS = 10_000;

/** Takes a picture of what a page shows; null if it cannot be had. */
export async function takePicture(page: Page): Promise<Uint8Array | null> {
  try {
    return await Promise.race([
      page.screenshot({ type: 'png' }),
      setTimeout(PATIENCE_MS, null, { ref: false }),
    ]);
  } catch {
    return null;
  }
}
