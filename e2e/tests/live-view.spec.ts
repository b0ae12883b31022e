import type { Locator } from '@playwright/test';

import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { manyContainers } from './sample-sheets.ts';
import { signInTo } from './sign-in.ts';

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

/** What a canvas shows, as text that can be compared. */
const look = (canvas: Locator) =>
  canvas.evaluate((element) => (element instanceof HTMLCanvasElement ? element.toDataURL() : ''));

test('somebody watches Chrome work, pauses it, and an administrator sees it on the grid', async ({
  page,
  browser,
  baseURL,
  product,
  signIn,
}, info) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'watched.csv', manyContainers(150));
  await page.getByRole('button', { name: 'Start the job' }).click();

  const panel = page.getByRole('region', { name: 'Live view' });
  const picture = panel.getByRole('img', { name: 'The page that the browser shows' });
  const done = async () => Number.parseInt(await page.getByText(/^\d+ of 150$/).innerText(), 10);

  await test.step('the page moves', async () => {
    await expect(panel.getByText('Shows the page as it is')).toBeVisible();
    const first = await look(picture);
    await expect.poll(() => look(picture)).not.toBe(first);
    await page.screenshot({ path: info.outputPath('live-light.png') });
    await expectNoViolation(page);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  });

  await test.step('an administrator sees it among all that runs', async () => {
    const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
    const console = await context.newPage();
    await signInTo(context, product, 'Demo administrator');
    await console.goto('/admin');
    const grid = console.getByRole('region', { name: 'Running now' });
    const card = grid.getByRole('listitem').filter({ hasText: 'demo@gantry.local' });
    const small = card.getByRole('img', { name: 'The page of watched.csv' });
    await expect(small).toBeVisible();
    await expect(card.getByRole('link', { name: 'watched.csv' })).toHaveAttribute('href', /\/jobs\//);
    const first = await look(small);
    await expect.poll(() => look(small)).not.toBe(first);
    await console.screenshot({ path: info.outputPath('grid-light.png') });
    await console.emulateMedia({ colorScheme: 'dark' });
    await console.screenshot({ path: info.outputPath('grid-dark.png') });
    await console.setViewportSize({ width: 360, height: 780 });
    await grid.scrollIntoViewIfNeeded();
    await console.screenshot({ path: info.outputPath('grid-phone-dark.png') });
    await expectNoViolation(console);
    await grid.getByRole('button', { name: 'Freeze pictures' }).click();
    await expect(grid.getByText('Pictures frozen')).toBeVisible();
    await context.close();
  });

  await test.step('paused it stands still while the job goes on, and nothing is sent', async () => {
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/queue/live/'));
    await panel.getByRole('button', { name: 'Freeze pictures' }).click();
    await ended;
    await expect(panel.getByText('Pictures frozen')).toBeVisible();
    const still = await look(picture);
    const before = await done();
    await expect.poll(done).toBeGreaterThan(before + 1);
    expect(await look(picture)).toBe(still);
    const held = Promise.withResolvers<void>();
    await page.route('**/api/queue/live/**', async (route) => {
      await held.promise;
      await route.continue();
    });
    await panel.getByRole('button', { name: 'Resume pictures' }).click();
    await expect(panel.getByText('Reconnecting…')).toBeVisible();
    held.resolve();
    await expect.poll(() => look(picture)).not.toBe(still);
  });

  await test.step('it fits a phone and the dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: info.outputPath('live-dark.png') });
    await page.setViewportSize({ width: 360, height: 780 });
    await panel.scrollIntoViewIfNeeded();
    await page.screenshot({ path: info.outputPath('live-phone-dark.png') });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: info.outputPath('live-phone-light.png') });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await test.step('when the run has ended the last picture is folded away, and says so', async () => {
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
    const last = panel.getByText('Last picture of the live view');
    await expect(last).toBeVisible();
    await expect(picture).toBeHidden();
    await last.press('Enter');
    await expect(picture).toBeVisible();
    await expect(panel.getByText('The run has ended')).toBeVisible();
    await expectNoViolation(page);
    await page.screenshot({ path: info.outputPath('live-ended.png'), fullPage: true });
  });
});

test('who asked for less motion sees nothing move before they say so', async ({ page, signIn }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn('Demo user', '/services/ctg-port-tracking');
  const asked: string[] = [];
  page.on(
    'request',
    (request) => void (request.url().includes('/api/queue/live/') && asked.push(request.url())),
  );
  await chooseFile(page, 'still.csv', manyContainers(60));
  await page.getByRole('button', { name: 'Start the job' }).click();
  const panel = page.getByRole('region', { name: 'Live view' });
  await expect(panel.getByText('Pictures frozen')).toBeVisible();
  expect(asked).toEqual([]);
  await panel.getByRole('button', { name: 'Resume pictures' }).click();
  await expect(panel.getByRole('img', { name: 'The page that the browser shows' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel job' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
});
