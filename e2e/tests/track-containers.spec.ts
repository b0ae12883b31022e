import { readFile } from 'node:fs/promises';

import { chooseFile, expect, test } from './gantry-test.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';

/** The same while the job runs, when it has ended, and in its file. */
const COLUMNS = [
  'Line',
  'Row',
  'Status',
  'Location',
  'Yard',
  'Block',
  'Time in',
  'Time out',
  'Last position',
  'Destination',
  'Off-dock name',
  'Size',
  'Height',
  'Freight kind',
  'Description',
  'Container number at the port',
  'Notice',
  'Other',
];

test('somebody submits a list, watches it work and takes the answers home', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo user');
  await page.getByRole('link', { name: /CTG Port Authority Tracking/ }).click();
  await expect(page.getByRole('heading', { name: 'CTG Port Authority Tracking' })).toBeFocused();

  await test.step('the preview says what is in the file before anything is sent', async () => {
    await chooseFile(page, 'fcr_numbers.csv', SIX_CONTAINERS);
    await expect(page.getByText('6 rows found, 4 are ready')).toBeVisible();
    await expect(page.getByText('Container number: column B, “Cntr No.”.')).toBeVisible();
    const rows = page.getByRole('region', { name: /Rows of the file/ });
    await expect(rows.getByRole('row', { name: /HLXU1511939/ })).toContainText('The check digit is wrong');
    await expect(rows.getByRole('row', { name: /crsu1274363/ })).toContainText('Same as line 2');
    await page.getByRole('button', { name: 'Wrong 1' }).click();
    await expect(rows.getByRole('row')).toHaveCount(2);
    await page.getByRole('button', { name: 'All rows 6' }).click();
    await page.screenshot({ path: info.outputPath('preview-light.png'), fullPage: true });
  });

  await test.step('the job runs, and rows come in one by one', async () => {
    await page.getByRole('button', { name: 'Start the job' }).click();
    await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/);
    await expect(page).toHaveTitle('fcr_numbers.csv · Gantry');
    const rows = page.getByRole('region', { name: /^Rows, / });
    await expect(rows.getByRole('row', { name: /CRSU1274363/ }).first()).toBeVisible();
    await expect(rows.getByRole('columnheader')).toHaveText(COLUMNS);
    await expect(page.getByRole('progressbar', { name: 'Progress of the job' })).toBeVisible();
  });

  await test.step('the result tells the truth about every row', async () => {
    await expect(page.getByText('Your results are ready.')).toBeVisible();
    await expect(page.getByText('6 of 6')).toBeVisible();
    for (const count of ['3 completed', '1 failed', '1 invalid', '1 duplicate']) {
      await expect(page.getByRole('listitem').filter({ hasText: count })).toBeVisible();
    }
    const rows = page.getByRole('region', { name: /^Rows, / });
    await expect(rows.getByRole('columnheader')).toHaveText(COLUMNS);
    await expect(
      rows
        .getByRole('row', { name: /TCLU1432748/ })
        .getByRole('cell')
        .first(),
    ).toHaveText('5');
    await page.getByRole('button', { name: 'MSKU1353559' }).click();
    const row = page.getByRole('dialog', { name: 'MSKU1353559' });
    await expect(row.getByText('Line 3')).toBeVisible();
    await expect(row.getByText('CONTAINER_NOT_FOUND')).toBeVisible();
    await expect(row.getByRole('img', { name: 'What the browser saw for MSKU1353559' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(row).toBeHidden();
    await expect(page.getByRole('button', { name: 'MSKU1353559' })).toBeFocused();
  });

  await test.step('the table comes home with the columns that went out', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'results.csv' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('results.csv');
    const lines = (await readFile(await download.path(), 'utf8')).replace('\uFEFF', '').trim().split('\r\n');
    expect(lines).toHaveLength(7);
    const [place, , status, ...answers] = COLUMNS;
    const headers = ['FCR No', 'Cntr No.', 'Consignee', place, status, ...answers, 'Problem'];
    expect(lines[0]).toBe(headers.map((header) => `"${header}"`).join(','));
    expect(lines[3]).toContain('"Meghna Textiles","5"');
    expect(lines[1]).toContain('"Rahman, Sons & Co."');
    expect(lines[1]).toContain('completed');
    expect(lines[4]).toContain('invalid');
    expect(lines[6]).toContain('duplicate');
  });

  await test.step('it looks right in both themes and on a phone', async () => {
    await page.screenshot({ path: info.outputPath('job-light.png'), fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: info.outputPath('job-dark.png'), fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: info.outputPath('job-phone-dark.png'), fullPage: true });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: info.outputPath('job-phone-light.png'), fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

test('a chosen theme holds from the first paint of the next visit', async ({ page, signIn }) => {
  await signIn('Demo user');
  await page.getByRole('button', { name: /Account and theme/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('body')).toHaveCSS('color', 'rgb(234, 238, 243)');
});
