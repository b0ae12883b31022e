import { expect, test } from './gantry-test.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';

test('a job is submitted with the keyboard alone', async ({ page }) => {
  // From the start: a key may reach the page before the request to be told of its next chooser.
  page.on('filechooser', (chooser) => {
    void chooser.setFiles({ name: 'fcr.csv', mimeType: 'text/csv', buffer: Buffer.from(SIX_CONTAINERS) });
  });
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type('demo@gantry.local');
  await page.keyboard.press('Tab');
  await page.keyboard.type('gantry-demo');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'What should run?' })).toBeFocused();

  const service = page.getByRole('link', { name: /CTG Port Authority Tracking/ });
  await expect(service).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(service).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'CTG Port Authority Tracking' })).toBeFocused();

  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('6 rows found')).toBeVisible();

  const start = page.getByRole('button', { name: 'Start the job' });
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(start).toBeFocused({ timeout: 50 });
  }).toPass();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/jobs\//);
  await expect(page.getByRole('heading', { name: 'fcr.csv' })).toBeFocused();
});

test('the first stop of the keyboard skips what stands above the content', async ({ page, signIn }) => {
  await signIn('Demo user');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'What should run?' })).toBeVisible();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});
