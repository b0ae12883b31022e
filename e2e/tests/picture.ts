import type { Page, TestInfo } from '@playwright/test';

import { expect } from './gantry-test.ts';

const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 360, height: 740 };

/** Pictures of a page in both themes, wide and on a small phone; nothing may stand out of it. */
export async function picture(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of [
      ['', WIDE],
      ['-phone', PHONE],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.screenshot({
        path: info.outputPath(`${name}-${colorScheme}${size}.png`),
        animations: 'disabled',
      });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
}
