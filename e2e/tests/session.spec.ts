import { expect, test } from './gantry-test.ts';

test('a session that was ended elsewhere leads to signing in and back', async ({
  page,
  signIn,
  request,
  baseURL,
}) => {
  await signIn('Demo user');
  await page.goto('/jobs?status=failed');
  await expect(page.getByText('No job matches')).toBeVisible();
  const token = await page.evaluate(() => {
    const stored: { access_token: string } = JSON.parse(localStorage.getItem('gantry-session') ?? '{}');
    localStorage.setItem('gantry-session', JSON.stringify({ ...stored, expires_at: 1 }));
    return stored.access_token;
  });
  const ended = await request.post(`${baseURL}/auth/v1/logout?scope=global`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(ended.ok()).toBe(true);

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('button', { name: 'Demo user' }).click();
  await expect(page).toHaveURL('/jobs?status=failed');
});

test('signing out forgets everything', async ({ page, signIn }) => {
  await signIn('Demo user');
  await page.getByRole('button', { name: /Account and theme/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('Your session has ended')).toBeHidden();
  expect(await page.evaluate(() => localStorage.getItem('gantry-session'))).toBeNull();
});

test('an address from elsewhere is not followed after signing in', async ({ page }) => {
  await page.goto('/sign-in?redirect=//example.com/');
  await page.getByRole('button', { name: 'Demo user' }).click();
  await expect(page).toHaveURL('/');
});

test('a filter that makes no sense is left out', async ({ page, signIn }) => {
  await signIn('Demo user');
  await page.goto('/jobs?status=lost&q=nothing-is-called-this');
  await expect(page.getByText('No job matches')).toBeVisible();
  await expect(page.getByRole('button', { name: 'All', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('losing the network is said, and so is that jobs go on', async ({ page, signIn, context }) => {
  await signIn('Demo user');
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
});

test('a job page opened while the server cannot be reached says so, and shows the job as soon as it can', async ({
  page,
  signIn,
}) => {
  await signIn('Demo user');
  // The service, not a recent job of it, which may be there first.
  await page.getByRole('link', { name: /Page capture\s*Keeps/ }).click();
  await page.getByLabel('Web addresses').fill('https://a.example/');
  await page.getByRole('button', { name: /^Start/ }).click();
  await page.waitForURL(/\/jobs\/.+/);
  await page.route(/\/api\/trpc\//, (route) => route.abort('connectionrefused'));
  await page.reload();
  await expect(page.getByText('Trying again by itself…')).toBeVisible();
  await page.unroute(/\/api\/trpc\//);
  await expect(page.getByRole('heading', { name: 'Page capture' })).toBeVisible();
  await expect(page.getByText('Trying again by itself…')).toBeHidden();
});
