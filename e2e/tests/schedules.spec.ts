import { expectNoViolation } from './expect-no-violation.ts';
import { expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';

test('a schedule is made with its next times shown, fires, is paused, resumed and deleted', async ({
  page,
  signIn,
}, info) => {
  test.setTimeout(150_000);
  await signIn('Demo user', '/schedules');
  await expect(page.getByText('No schedules yet')).toBeVisible();

  await test.step('what is wrong is said before anything is made', async () => {
    await page.getByRole('button', { name: 'New schedule' }).click();
    await page.getByLabel('Service').selectOption('Page capture');
    await page.getByLabel('Name').fill('Front page');
    await page.getByLabel('Web addresses').fill('https://a.example/');
    await page.getByLabel('When', { exact: true }).fill('61 * * * *');
    await expect(page.getByText('is not a cron expression of five fields')).toBeVisible();
    await page.getByLabel('Time zone').selectOption('Asia/Dhaka');
    await page.getByLabel('When', { exact: true }).fill('30 6 * * MON');
    await expect(page.getByText('Next times')).toBeVisible();
    await expect(page.getByRole('status').getByRole('listitem')).toHaveCount(5);
    await expect(page.getByRole('status').getByRole('listitem').first()).toContainText('Mon');
    await expectNoViolation(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: info.outputPath('new-phone.png'), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  await test.step('next times that cannot be asked for are no fault of the rule, and can be asked for again', async () => {
    const when = page.getByLabel('When', { exact: true });
    await page.route(/schedules\.preview/, (route) => route.abort('connectionrefused'));
    await when.fill('45 6 * * MON');
    const missing = page.getByRole('alert').filter({ hasText: 'The next times cannot be shown' });
    await expect(missing).toContainText('The server cannot be reached.');
    await expect(when).toHaveAttribute('aria-invalid', 'false');
    await expect(page.getByRole('status').getByRole('listitem')).toHaveCount(0);
    await expectNoViolation(page);
    await picture(page, info, 'no-next-times');
    await page.unroute(/schedules\.preview/);
    await missing.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('status').getByRole('listitem')).toHaveCount(5);
    await expect(missing).toBeHidden();
  });

  const list = page.getByRole('region', { name: 'Schedules' });
  await test.step('it is made, and listed with its rule', async () => {
    await page.getByLabel('When', { exact: true }).fill('* * * * *');
    await page.getByRole('button', { name: 'Create schedule' }).click();
    await expect(list.getByRole('listitem')).toContainText('* * * * * · Asia/Dhaka');
  });

  await test.step('a minute later it has started a job', async () => {
    await expect(list.getByRole('link', { name: 'started a job' })).toBeVisible({ timeout: 90_000 });
  });

  await test.step('it is paused and resumed', async () => {
    await list.getByRole('button', { name: 'Pause Front page' }).click();
    await expect(list.getByText('Paused')).toBeVisible();
    await expectNoViolation(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: info.outputPath('list-phone.png') });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.setViewportSize({ width: 1280, height: 860 });
    await list.getByRole('button', { name: 'Resume Front page' }).click();
    await expect(list.getByText('Paused')).toBeHidden();
  });

  await test.step('it is deleted, and its job stays', async () => {
    const job = await list.getByRole('link', { name: 'started a job' }).getAttribute('href');
    await list.getByRole('button', { name: 'Delete Front page' }).click();
    await page.getByRole('button', { name: 'Delete the schedule' }).click();
    await expect(page.getByText('No schedules yet')).toBeVisible();
    await page.goto(job ?? '');
    await expect(page.getByRole('heading', { name: 'Page capture' })).toBeVisible();
  });
});
