import type { Page } from '@playwright/test';

import { chooseFile, expect, test } from './gantry-test.ts';

const LONG_NAME = `${'x'.repeat(190)}.csv`;

/** The narrowest window that WCAG asks for (1.4.10), and a usual one. */
const WIDTHS = [320, 1280];

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 700 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${page.url()} at ${width} px`).toBeLessThanOrEqual(0);
  }
}

test('a file name without a space, however long, makes no page wider than the window', async ({
  page,
  signIn,
}) => {
  await signIn('Demo administrator', '/services/ctg-port-tracking');
  await chooseFile(page, LONG_NAME, 'Container\nCSQU3054383\n');
  await expect(page.getByText('1 row found')).toBeVisible();
  await expectNoSidewaysScrolling(page);
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('Your results are ready.')).toBeVisible();
  await expectNoSidewaysScrolling(page);
  for (const path of ['/', '/jobs', '/admin']) {
    await page.goto(path);
    await expect(page.getByRole('link', { name: LONG_NAME }).first()).toBeVisible();
    await expectNoSidewaysScrolling(page);
  }
});
