import { chooseFile, expect, test } from './gantry-test.ts';
import { manyContainers } from './sample-sheets.ts';

test('an administrator pauses a queue, sees the job wait, lets it go on, cancels it and cleans up', async ({
  page,
  signIn,
}) => {
  await signIn('Demo administrator');
  await page.getByRole('link', { name: 'Admin' }).click();
  await expect(page.getByRole('heading', { name: 'Admin', exact: true })).toBeFocused();
  await expect(page.getByText('Active', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Pause queue default' }).click();
  await expect(page.getByText('Queue “default” paused.')).toBeVisible();

  await page.goto('/services/ctg-port-tracking');
  await chooseFile(page, 'waiting.csv', manyContainers(150));
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('is paused by an administrator')).toBeVisible();
  await expect(page.getByText('Paused', { exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('button', { name: 'Resume queue default' }).click();
  const jobs = page.getByRole('region', { name: 'Jobs' });
  const job = jobs.getByRole('listitem').filter({ hasText: 'waiting.csv' });
  await expect(job).toContainText('Processing');

  await job.getByRole('button', { name: 'Cancel waiting.csv' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
  await expect(job).toContainText('Cancelled');

  await page.getByRole('searchbox').fill('no such file');
  await expect(page.getByText('No job matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(job).toBeVisible();

  await page.getByRole('button', { name: 'Clean up' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Clean up' }).click();
  await expect(page.getByText('Cleaned up.')).toBeVisible();
});

test('a limit of a queue is changed and stays', async ({ page, signIn }) => {
  await signIn('Demo administrator', '/admin');
  const limit = page.getByRole('spinbutton', { name: /Jobs at a time in default/ });
  await expect(limit).toHaveValue('1');
  await limit.fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('“default” runs at most 2 at once.')).toBeVisible();
  await page.reload();
  await expect(limit).toHaveValue('2');
  await limit.fill('1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('“default” runs at most 1 at once.')).toBeVisible();
});

test('who is no administrator is told so, and sees nothing', async ({ page, signIn }) => {
  await signIn('Demo user');
  await expect(page.getByRole('link', { name: 'Admin' })).toBeHidden();
  await page.goto('/admin');
  await expect(page.getByText('You have no access to the console')).toBeVisible();
  await expect(page.getByText('All jobs')).toBeHidden();
});
