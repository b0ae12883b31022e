import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';

test('the pages before sign-in have no barrier', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel('Password', { exact: true }).fill('wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expectNoViolation(page);
  await page.goto('/sign-up');
  await expect(page.getByRole('heading', { name: 'Create an account' })).toBeVisible();
  await expectNoViolation(page);
});

test('submitting has no barrier', async ({ page, signIn }) => {
  await signIn('Demo user');
  await expectNoViolation(page);
  await page.goto('/services/page-capture');
  await expect(page.getByRole('heading', { name: 'Options' })).toBeVisible();
  await expectNoViolation(page);
  await page.goto('/services/ctg-port-tracking');
  await chooseFile(page, 'fcr_numbers.csv', SIX_CONTAINERS);
  await expect(page.getByText('6 rows found')).toBeVisible();
  await expectNoViolation(page);
});

test('following a job has no barrier', async ({ page, signIn }) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'fcr_numbers.csv', SIX_CONTAINERS);
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('Your results are ready.')).toBeVisible();
  for (const tab of ['Rows', 'Log', 'Files', 'Attempts']) {
    await page.getByRole('tab', { name: new RegExp(tab) }).click();
    await expectNoViolation(page);
  }
  await page.getByRole('tab', { name: /Rows/ }).click();
  await page.getByRole('button', { name: 'MSKU1353559' }).click();
  await expect(page.getByRole('img')).toBeVisible();
  await expectNoViolation(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByText('The same file: fcr_numbers.csv')).toBeVisible();
  await expectNoViolation(page);
  await page.goto('/jobs');
  await expect(page.getByRole('link', { name: 'fcr_numbers.csv' }).first()).toBeVisible();
  await expectNoViolation(page);
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect(page.getByRole('alertdialog')).not.toContainText('Counting');
  await expectNoViolation(page);
});

test('the console and the pages that refuse have no barrier', async ({ page, signIn }) => {
  await signIn('Demo administrator', '/admin');
  await expect(page.getByText('Active', { exact: true })).toBeVisible();
  await expectNoViolation(page);
  await page.getByRole('button', { name: /Account and theme/ }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await expectNoViolation(page);
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { name: 'Nothing at this address' })).toBeVisible();
  await expectNoViolation(page);
  await page.goto('/jobs/00000000-0000-4000-8000-000000000000');
  await expect(page.getByRole('alert')).toContainText('JOB_NOT_FOUND');
  await expectNoViolation(page);
});
