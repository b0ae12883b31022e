import { expectNoViolation } from './expect-no-violation.ts';
import { test as base, chooseFile, expect } from './gantry-test.ts';
import { picture } from './picture.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';
import { type Product, startProduct } from './start-product.ts';

/** A job of six rows uses more than this, mostly for the picture of its failed row, and less than twice as much. */
const test = base.extend<object, { product: Product }>({
  product: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using product = await startProduct({ MAX_STORAGE_BYTES_PER_USER: '20000' });
      await use(product);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test('a user whose storage is full sees it, deletes an old job, and can start again', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'old.csv', SIX_CONTAINERS);
  await page.getByRole('button', { name: 'Start the job' }).click();
  await expect(page.getByText('Your results are ready.')).toBeVisible();

  await page.goto('/services/ctg-port-tracking');
  const notice = page.getByText(/^Your storage is full: .* of 20 KB used\.$/);
  await expect(notice).toBeVisible();
  await page.getByRole('button', { name: /Account and theme/ }).click();
  await expect(page.getByRole('menu')).toContainText(/Storage: .* of 20 KB used\. Delete old jobs\./);
  await expectNoViolation(page);
  await page.keyboard.press('Escape');

  await test.step('a start is refused with a way out', async () => {
    await chooseFile(page, 'new.csv', SIX_CONTAINERS);
    // The preview moves the button.
    await expect(page.getByText('4 rows will be worked on.')).toBeVisible();
    await page.getByRole('button', { name: 'Start the job' }).click();
    const refusal = page.getByRole('alert').filter({ hasText: 'STORAGE_QUOTA_EXCEEDED' });
    await expect(refusal).toContainText('Delete finished jobs whose results you have saved');
    await expect(refusal).toContainText('press “Delete job”');
    await picture(page, info, 'full');
  });

  await test.step('the job is deleted after a question, and what it used is free', async () => {
    await page.getByRole('main').getByRole('link', { name: 'My jobs' }).click();
    await page.getByRole('link', { name: 'old.csv' }).click();
    await page.getByRole('button', { name: 'Delete job' }).click();
    const question = page.getByRole('alertdialog', { name: 'Delete this job?' });
    await expect(question).toContainText('3 files');
    await expectNoViolation(page);
    await question.getByRole('button', { name: 'Delete the job' }).click();
    await expect(page.getByText('No jobs yet')).toBeVisible();
    await expect(page.getByText('Job deleted.')).toBeVisible();
    await page.goto('/services/ctg-port-tracking');
    await expect(page.getByText('jobs waiting')).toBeVisible();
    await expect(notice).toBeHidden();
    await chooseFile(page, 'new.csv', SIX_CONTAINERS);
    await page.getByRole('button', { name: 'Start the job' }).click();
    await page.waitForURL(/\/jobs\/.+/);
  });
});
