import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { UNKNOWN_CONTAINERS } from './sample-sheets.ts';

test('a job that completed while its rows failed says so, in its list and on its page', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo user', '/services/ctg-port-tracking');
  await chooseFile(page, 'nobody-knows.csv', UNKNOWN_CONTAINERS);
  await page.getByRole('button', { name: 'Start the job' }).click();

  await test.step('on its page, beside a state that stays "Completed"', async () => {
    await expect(page.getByText('Your results are ready.')).toBeVisible();
    await expect(page.getByText('Completed', { exact: true })).toBeVisible();
    await expect(page.getByText('3 of 3 rows failed')).toBeVisible();
    await expect(page).toHaveTitle('Completed, rows failed: nobody-knows.csv · Gantry');
    await expectNoViolation(page);
    await picture(page, info, 'job');
  });

  await test.step('in its log', async () => {
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByRole('button', { name: 'Warnings and errors 3' }).click();
    await expect(page.getByText('Line 3, MSKU1012589: The port does not know this container.')).toBeVisible();
  });

  await test.step('in the list', async () => {
    await page.getByRole('link', { name: 'My jobs' }).first().click();
    const job = page.getByRole('listitem').filter({ hasText: 'nobody-knows.csv' });
    await expect(job).toContainText('Completed');
    await expect(job).toContainText('3 of 3 rows failed');
    await expectNoViolation(page);
    await picture(page, info, 'list');
  });
});
