import { expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { post } from './post.ts';

test('jobs that belong together are followed, found by their tag, cancelled together, and run again with changes', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo user');
  const job = { serviceId: 'page-capture', tags: ['nightly'] };
  const { jobs } = await post(page, '/api/queue/submit-many', {
    jobs: [
      { ...job, input: { urls: ['https://a.example/'] }, runAt: '2999-01-01T00:00:00Z' },
      { ...job, input: { urls: ['https://b.example/'] }, dependsOn: [{ index: 0, onFailure: 'cancel' }] },
      {
        ...job,
        tags: [],
        input: { urls: ['https://c.example/'] },
        dependsOn: [{ index: 1, onFailure: 'run' }],
      },
    ],
  });
  const [first, second, third] = jobs.map(({ jobId }: { jobId: string }) => jobId);

  await test.step('a job says what it waits for, and leads there', async () => {
    await page.goto(`/jobs/${second}`);
    const related = page.getByRole('region', { name: 'Related jobs' });
    await expect(related).toContainText('Waits for');
    await expect(related).toContainText('Then runs');
    await expect(page.getByText('It starts when another job has finished.')).toBeVisible();
    await picture(page, info, 'waiting');
    await related.getByRole('link').first().click();
    await expect(page).toHaveURL(`/jobs/${first}`);
    await expect(page.getByText('Scheduled', { exact: true })).toBeVisible();
  });

  await test.step('a tag leads to all jobs that have it', async () => {
    await page.getByRole('link', { name: 'nightly' }).click();
    await expect(page).toHaveURL('/jobs?tag=nightly');
    const list = page.getByRole('region', { name: 'Jobs', exact: true });
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await expect(list).toContainText('Waiting');
    await picture(page, info, 'tagged');
    await page.setViewportSize({ width: 360, height: 740 });
    const service = await page.getByRole('combobox', { name: 'Service' }).boundingBox();
    expect(service?.width).toBeGreaterThan(120);
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.getByRole('searchbox').fill('nightl');
    await expect(page).toHaveURL('/jobs?tag=nightly&q=nightl');
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await page.getByRole('searchbox').fill('');
    await expect(page).toHaveURL('/jobs?tag=nightly');
  });

  await test.step('they are counted, and cancelled when that is confirmed', async () => {
    await page.getByRole('button', { name: 'Cancel all' }).click();
    const question = page.getByRole('alertdialog');
    await expect(question).toContainText('2 pending or running jobs');
    await picture(page, info, 'question');
    await question.getByRole('button', { name: 'Let them run' }).click();
    await expect(question).toBeHidden();
    await page.getByRole('button', { name: 'Cancel all' }).click();
    await expect(question).toContainText('Filter: tag “nightly”.');
    await question.getByRole('button', { name: 'Cancel 2 jobs' }).click();
    await expect(page.getByText(/^\d jobs? cancelled\.$/)).toBeVisible();
    const list = page.getByRole('region', { name: 'Jobs', exact: true });
    await expect(list.getByText('Cancelled')).toHaveCount(2);
  });

  await test.step('one that runs whatever their end is in line now', async () => {
    await page.goto(`/jobs/${third}`);
    await expect(page.getByRole('region', { name: 'Related jobs' })).toContainText('Ran after');
  });

  await test.step('a finished job is run again with other input', async () => {
    await page.goto(`/jobs/${first}`);
    await page.getByRole('button', { name: 'Run again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run this job again?' });
    await expect(dialog.getByLabel('Web addresses')).toHaveValue('https://a.example/');
    await picture(page, info, 'again');
    await dialog.getByLabel('Web addresses').fill('not an address');
    await expect(dialog.getByText('“Web addresses”: “not an address” is not an address.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Start the job' })).toBeDisabled();
    await dialog.getByLabel('Web addresses').fill('https://d.example/');
    await dialog.getByRole('button', { name: 'Start the job' }).click();
    await expect(page).not.toHaveURL(`/jobs/${first}`);
    await expect(page.getByRole('link', { name: 'an earlier job' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'nightly' })).toBeVisible();
  });
});
