import { readFile } from 'node:fs/promises';

import { chooseFile, expect, test } from './gantry-test.ts';
import { manyContainers } from './sample-sheets.ts';

test('a running job is cancelled after a question, and keeps the rows that were done', async ({
  page,
  signIn,
}) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'long.csv', manyContainers(200));
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('of 200')).toBeVisible();
  await expect(page.getByRole('region', { name: /^Rows, / })).toBeVisible();

  await page.getByRole('button', { name: 'Cancel job' }).click();
  const question = page.getByRole('alertdialog', { name: 'Cancel this job?' });
  await question.getByRole('button', { name: 'Let it run' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText('Processing', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Cancel job' }).click();
  await question.getByRole('button', { name: 'Cancel the job' }).click();
  await expect(page.getByText('This job was cancelled')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel job' })).toBeHidden();
  await expect(page.getByRole('region', { name: /^Rows, / })).toBeVisible();

  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download these rows as CSV' }).click(),
  ]);
  expect(csv.suggestedFilename()).toBe('long.csv rows.csv');
  const [header, first] = (await readFile(await csv.path(), 'utf8')).split('\r\n');
  expect(header).toMatch(/^\uFEFFLine,Row,Status,Location,/);
  expect(first).toMatch(/^2,GTRU\d{7},(completed|failed),/);

  await page.getByRole('link', { name: 'My jobs' }).first().click();
  await page.getByRole('button', { name: 'Cancelled' }).click();
  await expect(page).toHaveURL('/jobs?status=cancelled');
  await expect(page.getByRole('link', { name: 'long.csv' })).toBeVisible();
});
