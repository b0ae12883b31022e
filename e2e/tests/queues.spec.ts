import { expectNoViolation } from './expect-no-violation.ts';
import { chooseFile, expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { post } from './post.ts';
import { manyContainers } from './sample-sheets.ts';

test('a queue is made, a service is bound to it, its job waits while it is paused and runs when it goes on', async ({
  page,
  signIn,
}) => {
  await signIn('Demo administrator', '/admin');
  await page.getByRole('button', { name: 'New queue' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await page.keyboard.type('slow-sites');
  await page.getByRole('form', { name: 'New queue' }).getByLabel('Jobs at a time').fill('2');
  await page.getByRole('button', { name: 'Create queue' }).click();
  await expect(page.getByText('Queue “slow-sites” created.')).toBeVisible();

  await page.getByLabel('CTG Port Authority Tracking').selectOption('slow-sites');
  await expect(page.getByText('go to “slow-sites”.')).toBeVisible();
  await page.getByRole('button', { name: 'Pause queue slow-sites' }).click();
  await expect(page.getByText('Queue “slow-sites” paused.')).toBeVisible();

  for (const name of ['first.csv', 'second.csv']) {
    await page.goto('/services/ctg-port-tracking');
    await chooseFile(page, name, manyContainers(150));
    await page.getByRole('button', { name: 'Start the job' }).click();
    await expect(page.getByText('The queue “slow-sites” is paused by an administrator.')).toBeVisible();
  }
  const second = page.url();

  await page.getByRole('link', { name: 'Admin' }).click();
  const queues = page.getByRole('region', { name: 'Queues', exact: true });
  const line = queues.getByRole('listitem').filter({ hasText: 'slow-sites' });
  await expect(line).toContainText('2 pending');
  await line.getByRole('button', { name: 'Resume queue slow-sites' }).click();
  await expect(line).toContainText('1 pending');
  await expect(line).toContainText('1 running');
  await page.goto(second);
  await expect(page.getByText('It is next: it starts as soon as a browser is free.')).toBeVisible();

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

test('the waiting jobs of a service go to its new queue when the administrator says so', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo administrator', '/admin');
  await page.getByRole('button', { name: 'Pause queue default' }).click();
  await expect(page.getByText('Queue “default” paused.')).toBeVisible();
  const job = { serviceId: 'page-capture', input: { urls: [] } };
  const { jobs } = await post(page, '/api/queue/submit-many', { jobs: [job, job] });
  await page.getByRole('button', { name: 'New queue' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('captures');
  await page.getByRole('button', { name: 'Create queue' }).click();
  const services = page.getByRole('region', { name: 'Services and their queues' });
  const question = page.getByRole('alertdialog', { name: 'Move the 2 waiting jobs too?' });

  await services.getByLabel('Page capture').selectOption('captures');
  await expectNoViolation(page);
  await picture(page, info, 'question');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(services.getByLabel('Page capture')).toHaveValue('');
  await services.getByLabel('Page capture').selectOption('captures');
  await question.getByRole('button', { name: 'Move 2 jobs too' }).click();
  await expect(page.getByText('2 waiting jobs moved there.')).toBeVisible();

  // They run although the queue that they were submitted to is paused.
  await page.goto(`/jobs/${jobs[1].jobId}`);
  await expect(page.getByText('NO_PAGES')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Particulars' })).toContainText('captures');

  // Tidies up: the product is shared with the tests that follow.
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('button', { name: 'Resume queue default' }).click();
  await services.getByLabel('Page capture').selectOption({ index: 0 });
  await page.getByRole('button', { name: 'Delete captures' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the queue' }).click();
  await expect(page.getByText('Queue “captures” deleted.')).toBeVisible();
});
