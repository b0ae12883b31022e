import type { Page } from '@playwright/test';

import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { manyContainers } from './sample-sheets.ts';

/** A browser has six connections to one host, and a window of a running job could use two of them. */
const WINDOWS = 4;

test.use({ contextOptions: { reducedMotion: 'no-preference' } });

test('a job open in many windows beside each other leaves the app usable, and one shows moving pictures', async ({
  page,
  context,
  signIn,
}) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'many-windows.csv', manyContainers(300));
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(moving(page)).toBeVisible();
  // All pages of this browser are in front, each in a window of its own.
  const windows = [page];
  while (windows.length < WINDOWS) {
    const window = await context.newPage();
    await window.goto(page.url());
    await expect(moving(window)).toBeVisible();
    windows.push(window);
  }
  const last = windows.pop() ?? page;

  await test.step('only the window that was used last shows the page as it is', async () => {
    for (const window of windows) await expect(still(window)).toBeVisible();
    await expect(moving(last)).toBeVisible();
    await expectNoViolation(page);
  });

  await test.step('all of them have the events, and another one works', async () => {
    for (const window of windows) await expect(window.getByText('Live', { exact: true })).toBeVisible();
    const list = await context.newPage();
    await list.goto('/jobs');
    await expect(list.getByRole('link', { name: 'many-windows.csv' })).toBeVisible();
    await list.close();
  });

  await test.step('a click brings the pictures to another window', async () => {
    await still(page).click();
    await expect(moving(page)).toBeVisible();
    await expect(still(last)).toBeVisible();
  });

  await test.step('with fewer windows there are pictures for two', async () => {
    await last.close();
    await windows.pop()?.close();
    for (const window of windows) await expect(moving(window)).toBeVisible();
  });

  await page.getByRole('button', { name: 'Cancel job' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
  await expect(page.getByText('This job was cancelled')).toBeVisible();
});

const moving = (page: Page) => page.getByText('Shows the page as it is');

const still = (page: Page) => page.getByText('Other windows are live');
