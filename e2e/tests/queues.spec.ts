import { chooseFile, expect, test } from './gantry-test.ts';
import { manyContainers } from './sample-sheets.ts';

test('a queue is made, a service is bound to it, its job waits while it is paused and runs when it goes on', async ({
  page,
  signIn,
}) => {
  await signIn('Demo administrator');
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('button', { name: 'New queue' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await page.keyboard.type('slow-sites');
  await page.getByRole('form', { name: 'New queue' }).getByLabel('At once').fill('2');
  await page.getByRole('button', { name: 'Make the queue' }).click();
  await expect(page.getByText('The queue “slow-sites” is there.')).toBeVisible();

  await page.getByLabel('CTG Port Authority Tracking').selectOption('slow-sites');
  await expect(page.getByText('go to “slow-sites”.')).toBeVisible();
  await page.getByRole('button', { name: 'Pause slow-sites' }).click();
  await expect(page.getByText('“slow-sites” is paused.')).toBeVisible();

  for (const name of ['first.csv', 'second.csv']) {
    await page.goto('/services/ctg-port-tracking');
    await chooseFile(page, name, manyContainers(150));
    await page.getByRole('button', { name: 'Start the job' }).click();
    await expect(page.getByText('queue paused', { exact: true })).toBeVisible();
    await expect(page.getByText('The queue “slow-sites” is paused by an administrator.')).toBeVisible();
  }
  const second = page.url();

  await page.getByRole('link', { name: 'Admin' }).click();
  const queues = page.getByRole('region', { name: 'Queues', exact: true });
  const line = queues.getByRole('listitem').filter({ hasText: 'slow-sites' });
  await expect(line).toContainText('2 pending');
  await line.getByRole('button', { name: 'Resume slow-sites' }).click();
  await expect(line).toContainText('1 pending');
  await expect(line).toContainText('1 running');
  await page.goto(second);
  await expect(page.getByText(/· next$/)).toBeVisible();

  // Tidies up: the product is shared with the tests that follow.
  await page.getByRole('link', { name: 'Admin' }).click();
  for (const name of ['first.csv', 'second.csv']) {
    const job = page.getByRole('region', { name: 'Jobs' }).getByRole('listitem').filter({ hasText: name });
    await job.getByRole('button', { name: `Cancel ${name}` }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the job' }).click();
    await expect(job).toContainText('Cancelled');
  }
  await page.getByLabel('CTG Port Authority Tracking').selectOption({ index: 0 });
  await line.getByRole('button', { name: 'Delete slow-sites' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the queue' }).click();
  await expect(line).toBeHidden();
});
