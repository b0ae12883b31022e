import type { Page } from '@playwright/test';

import { chooseFile, expect, test } from './gantry-test.ts';
import { openWindow } from './open-window.ts';
import { manyContainers } from './sample-sheets.ts';

/** A browser has six connections to one host, and the page of a running job takes two of them. */
const TABS = 7;
/** Longer than any pause between two looks at a job. */
const A_WHILE_MS = 60_000;

test('a job open in many tabs leaves the app usable, and no tab misses anything', async ({ product }) => {
  await using window = await openWindow();
  const { context } = window;
  const front = await context.newPage();
  await front.goto(`${product.url}/sign-in`);
  await front.getByRole('button', { name: 'Demo user' }).click();
  await front.getByRole('link', { name: /CTG Port Authority Tracking/ }).click();
  await chooseFile(front, 'many-tabs.csv', manyContainers(300));
  await front.getByRole('button', { name: 'Start the job' }).click();
  await expect(front.getByText('Live', { exact: true })).toBeVisible();
  const address = front.url();
  const background: Page[] = [];

  await test.step('each tab gets its connection, though many are open', async () => {
    while (background.length < TABS) {
      const tab = await context.newPage();
      await tab.clock.install();
      await tab.goto(address);
      await window.show(tab);
      await expect(tab.getByText('Live', { exact: true })).toBeVisible();
      background.push(tab);
    }
  });

  await test.step('the app works on in front of them', async () => {
    await window.show(front);
    await front.getByRole('navigation').getByRole('link', { name: 'My jobs' }).click();
    await front.getByRole('link', { name: 'many-tabs.csv' }).click();
    await expect(front.getByText('Live', { exact: true })).toBeVisible();
    await expect(front.getByText('Shows the page as it is')).toBeVisible();
    for (const tab of background) await expect(tab).toHaveTitle('many-tabs.csv · Gantry');
  });

  await test.step('a tab that was hidden goes on from what it has', async () => {
    const [tab] = background;
    if (!tab) throw new Error('There are tabs.');
    const [request] = await Promise.all([
      tab.waitForRequest((candidate) => candidate.url().includes('jobs.watch')),
      window.show(tab),
    ]);
    expect(afterSeqOf(request.url())).toBeGreaterThan(0);
    await expect(tab.getByText('Live', { exact: true })).toBeVisible();
    await window.show(front);
  });

  await test.step('hidden tabs tell of the end in their titles, and then ask nothing more', async () => {
    await front.getByRole('button', { name: 'Cancel job' }).click();
    await front.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
    for (const tab of background) {
      await tab.clock.runFor(A_WHILE_MS);
      await expect(tab).toHaveTitle('Cancelled: many-tabs.csv · Gantry');
      const asked: string[] = [];
      tab.on('request', (request) => asked.push(request.url()));
      await tab.clock.runFor(A_WHILE_MS);
      expect(asked).toEqual([]);
    }
  });

  await test.step('shown again they have every row', async () => {
    const rows = await front.getByRole('tab', { name: /^Rows/ }).innerText();
    for (const tab of background) {
      await window.show(tab);
      await expect(tab.getByRole('tab', { name: /^Rows/ })).toHaveText(rows, { useInnerText: true });
    }
  });
});

function afterSeqOf(url: string): number {
  return JSON.parse(new URL(url).searchParams.get('input') ?? '{}').afterSeq;
}
