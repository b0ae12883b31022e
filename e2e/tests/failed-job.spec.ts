import { expectNoViolation } from './expect-no-violation.ts';
import { expect, test } from './gantry-test.ts';
import { picture } from './picture.ts';
import { post } from './post.ts';

test('the page of a failed job says why, shows what was kept of it, and what the attempt took', async ({
  page,
  signIn,
}, info) => {
  await signIn('Demo administrator');
  const { jobs } = await post(page, '/api/queue/submit-many', {
    jobs: [{ serviceId: 'page-capture', input: { urls: [] } }],
  });
  await page.goto(`/jobs/${jobs[0].jobId}`);
  await expect(page.getByText('NO_PAGES')).toBeVisible();
  // It stopped before it said how far it was: no bar that moves.
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible();
  await expect(page.getByRole('progressbar')).toBeHidden();

  await test.step('what was kept of the failure is at hand', async () => {
    const evidence = page.getByRole('region', { name: 'When it failed' });
    const seen = evidence.getByRole('img', { name: 'The page when the job failed' });
    await expect.poll(() => seen.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(300);
    const [har] = await Promise.all([
      page.waitForEvent('download'),
      evidence.getByRole('button', { name: 'Requests (HAR)' }).click(),
    ]);
    expect(har.suggestedFilename()).toBe('network.har');
    await expectNoViolation(page);
    await picture(page, info, 'failed');
  });

  await test.step('the attempt tells its figures by name', async () => {
    await page.getByRole('tab', { name: 'Attempts 1' }).click();
    const attempts = page.getByRole('tabpanel', { name: /Attempts/ });
    for (const figure of ['Run', 'Launch', 'Hand-over', 'Close', 'Peak memory', 'CPU', 'Received', 'Sent']) {
      await expect(attempts.getByRole('term').filter({ hasText: figure })).toBeVisible();
    }
    await expectNoViolation(page);
    await picture(page, info, 'attempts');
  });

  await test.step('figures that cannot be read say why, and can be asked for again', async () => {
    await page.route(/jobs\.attempts/, (route) => route.abort('connectionrefused'));
    await page.reload();
    const attempts = page.getByRole('tabpanel', { name: /Attempts/ });
    await expect(attempts.getByRole('alert')).toContainText('The server cannot be reached.');
    await expect(attempts.getByText('NO_PAGES')).toBeVisible();
    await expectNoViolation(page);
    await picture(page, info, 'no-figures');
    await page.unroute(/jobs\.attempts/);
    await attempts.getByRole('button', { name: 'Try again' }).click();
    await expect(attempts.getByRole('term').filter({ hasText: 'Peak memory' })).toBeVisible();
    await expect(attempts.getByRole('alert')).toBeHidden();
  });
});
