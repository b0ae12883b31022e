import { expectNoViolation } from './expect-no-violation.ts';
import { expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { post } from './post.ts';

/** Nothing to capture: the job fails at once, and for good. */
const FAILING = { serviceId: 'page-capture', input: { urls: [] }, tags: ['hopeless'] };

test('an administrator retries all failed jobs of a list, and no others', async ({ page, signIn }, info) => {
  await signIn('Demo administrator');
  const { jobs } = await post(page, '/api/queue/submit-many', {
    jobs: [FAILING, FAILING, FAILING, { ...FAILING, tags: ['another'] }],
  });
  const last = jobs.at(-1).jobId;
  await page.goto(`/jobs/${last}`);
  await expect(page.getByText('NO_PAGES')).toBeVisible();

  await page.goto('/admin?tag=hopeless&status=failed');
  const list = page.getByRole('region', { name: 'Jobs', exact: true });
  await expect(list.getByRole('listitem')).toHaveCount(3);
  const question = page.getByRole('alertdialog');

  await test.step('they are counted first, and left alone when that is not confirmed', async () => {
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    await expect(question).toContainText('3 failed jobs of all users');
    await expect(question.getByRole('button', { name: 'Leave them' })).toBeFocused();
    await expectNoViolation(page);
    await picture(page, info, 'question');
    await question.getByRole('button', { name: 'Leave them' }).click();
    await expect(question).toBeHidden();
    await expect(list.getByRole('listitem')).toHaveCount(3);
  });

  await test.step('they go back in the queue while it is paused', async () => {
    await page.getByRole('button', { name: 'Pause queue default' }).click();
    await expect(page.getByText('Queue “default” paused.')).toBeVisible();
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    await question.getByRole('button', { name: 'Retry 3 jobs' }).click();
    await expect(page.getByText('3 jobs back in the queue.')).toBeVisible();
    await expect(page.getByText('No job matches')).toBeVisible();
    await picture(page, info, 'retried');
  });

  await test.step('there is nothing left to retry', async () => {
    await page.getByRole('button', { name: 'Retry all failed' }).click();
    await expect(question).toContainText('There is no such job in this list.');
    await expect(question.getByRole('button', { name: 'Retry jobs' })).toBeDisabled();
    await question.getByRole('button', { name: 'Leave them' }).click();
  });

  await test.step('each waits again, and the one with another tag is as it was', async () => {
    await page.goto('/admin?tag=hopeless&status=pending');
    await expect(list.getByRole('listitem')).toHaveCount(3);
    await page.goto(`/jobs/${last}`);
    await expect(page.getByText('NO_PAGES')).toBeVisible();
  });

  await test.step('they run when the queue goes on', async () => {
    await page.goto('/admin?tag=hopeless&status=failed');
    await page.getByRole('button', { name: 'Resume queue default' }).click();
    await expect(list.getByRole('listitem')).toHaveCount(3);
  });
});

test('the page of a failed job goes on when the job is tried again', async ({ page, signIn }) => {
  await signIn('Demo administrator');
  const { jobs } = await post(page, '/api/queue/submit-many', { jobs: [FAILING] });
  await page.goto(`/jobs/${jobs[0].jobId}`);
  await expect(page).toHaveTitle('Failed: Page capture · Gantry');
  await expect(page.getByRole('tab', { name: 'Attempts 1' })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('tab', { name: 'Attempts 2' })).toBeVisible();
  // The attempts of before do not count against the limit, but were made.
  const facts = page.getByRole('region', { name: 'Particulars' });
  await expect(facts).toContainText('1 of 3, 2 in all');
  await expect(page).toHaveTitle('Failed: Page capture · Gantry');
});
