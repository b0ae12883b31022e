import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { SIX_CONTAINERS } from './sample-sheets.ts';

test('a service that needs a file is scheduled with one, and each of its jobs works on that list', async ({
  page,
  signIn,
}, info) => {
  test.setTimeout(180_000);
  await signIn('Demo user', '/schedules');
  await page.getByRole('button', { name: 'New schedule' }).click();
  const form = page.getByRole('region', { name: 'New schedule' });
  const make = form.getByRole('button', { name: 'Create schedule' });

  await test.step('without its file it cannot be made', async () => {
    await form.getByLabel('Service').selectOption('CTG Port Authority Tracking');
    await expect(form.getByText('Choose a file first.')).toBeVisible();
    await expect(make).toBeDisabled();
  });

  await test.step('a file that cannot be used is refused before it is sent', async () => {
    await chooseFile(page, 'colours.csv', 'Colour\nred\n');
    await expect(form.getByText('This file cannot be used')).toBeVisible();
    await expect(make).toBeDisabled();
    await form.getByRole('button', { name: 'Another file' }).click();
  });

  await test.step('what is in the file is shown', async () => {
    await chooseFile(page, 'each-day.csv', SIX_CONTAINERS);
    await expect(form.getByText('6 rows found, 4 are ready')).toBeVisible();
    await form.getByLabel('Name').fill('Containers, each day');
    await form.getByLabel('When', { exact: true }).fill('* * * * *');
    await expect(form.getByText('Next times')).toBeVisible();
    await expectNoViolation(page);
    await picture(page, info, 'new');
  });

  const line = page.getByRole('region', { name: 'Schedules' }).getByRole('listitem');
  await test.step('a rule that never comes true is refused before anything is sent', async () => {
    await form.getByLabel('When', { exact: true }).fill('0 0 30 2 *');
    await expect(make).toBeDisabled();
  });

  await test.step('it is uploaded once', async () => {
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/uploads')) sent.push(request.url());
    });
    await form.getByLabel('When', { exact: true }).fill('* * * * *');
    await make.click();
    await expect(line).toContainText('Containers, each day');
    await expect(line).toContainText('each-day.csv');
    expect(sent).toHaveLength(1);
    await picture(page, info, 'made');
  });

  await test.step('a minute later its job has the list', async () => {
    await line.getByRole('link', { name: 'started a job' }).click({ timeout: 90_000 });
    await expect(page.getByText('each-day.csv')).toBeVisible();
    await expect(page.getByRole('button', { name: 'results.csv' })).toBeVisible({ timeout: 60_000 });
  });

  await test.step('it is deleted', async () => {
    await page.getByRole('link', { name: 'Schedules' }).click();
    await line.getByRole('button', { name: 'Delete Containers, each day' }).click();
    await page.getByRole('button', { name: 'Delete the schedule' }).click();
    await expect(page.getByText('No schedules yet')).toBeVisible();
  });
});
