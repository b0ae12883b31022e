import { randomUUID } from 'node:crypto';

import { expect, test } from './gantry-test.ts';

test('signing up leads back to where one wanted to go', async ({ page }) => {
  await page.goto('/services/ctg-port-tracking');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('link', { name: 'Create one' }).click();
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill('a long enough password');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'CTG Port Authority Tracking' })).toBeVisible();
  await expect(page).toHaveURL('/services/ctg-port-tracking');
});

test('a session that was ended elsewhere leads to signing in and back', async ({
  page,
  signIn,
  request,
  baseURL,
}) => {
  await signIn('Demo user', '/jobs?status=failed');
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
  await signIn('Demo user', '/jobs?status=lost&q=nothing-is-called-this');
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

test('lists say that the server is gone, and stop saying so when it is back', async ({ page, signIn }) => {
  await signIn('Demo user');
  await page.getByRole('link', { name: /Page capture\s*Keeps/ }).click();
  await page.getByLabel('Web addresses').fill('https://a.example/');
  await page.getByRole('button', { name: /^Start/ }).click();
  await page.waitForURL(/\/jobs\/.+/);
  const gone = page.getByText('The server does not answer.');
  for (const list of ['My jobs', 'New job']) {
    await page.getByRole('link', { name: list, exact: true }).first().click();
    await expect(page.getByRole('listitem').filter({ hasText: 'Page capture' }).first()).toBeVisible();
    await page.route(/\/api\/trpc\//, (route) => route.abort('connectionrefused'));
    await expect(gone).toBeVisible();
    await expect(gone).toBeInViewport();
    await page.unroute(/\/api\/trpc\//);
    await expect(gone).toBeHidden();
  }
  // A process that hangs keeps its connections open and answers nothing.
  await page.route(/\/api\/trpc\//, () => {});
  await expect(gone).toBeVisible();
  await page.unroute(/\/api\/trpc\//);
  await expect(gone).toBeHidden();
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

test('a link with the tokens of an attacker signs nobody in, and nobody out', async ({
  page,
  signIn,
  request,
  baseURL,
}) => {
  const email = `attacker-${Date.now()}@example.com`;
  const answer = await request.post(`${baseURL}/auth/v1/signup`, {
    data: { email, password: 'a word of my own' },
  });
  const tokens: { access_token: string; refresh_token: string } = await answer.json();
  const fragment = new URLSearchParams({
    access_token: tokens.access_token,
    refresh_token: tokens.refresh_token,
    expires_in: '3600',
    token_type: 'bearer',
    type: 'signup',
  });
  const links = [`/#${fragment}`, `/sign-in#${fragment}`, `/?${fragment}`, `/?code=${crypto.randomUUID()}`];

  for (const link of links) {
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(await page.evaluate(() => localStorage.getItem('gantry-session'))).toBeNull();
  }

  await signIn('Demo user');
  for (const link of [...links, '/#error=access_denied&error_code=otp_expired&error_description=x']) {
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'What should run?' })).toBeVisible();
    const stored = await page.evaluate(() => localStorage.getItem('gantry-session'));
    expect(stored).toContain('demo@gantry.local');
    expect(stored).not.toContain(email);
  }
});

test('a page that another tab signs another person in for shows that person', async ({
  page,
  signIn,
  request,
  baseURL,
}) => {
  const email = `next-${Date.now()}@example.com`;
  const answer = await request.post(`${baseURL}/auth/v1/signup`, {
    data: { email, password: 'a word of my own' },
  });
  await signIn('Demo user');
  // As the sign-in library of the other tab says it.
  await page.evaluate(
    (session) => {
      Reflect.set(window, 'isOfFirst', true);
      localStorage.setItem('gantry-session', JSON.stringify(session));
      const otherTab = new BroadcastChannel('gantry-session');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel stays within its origin.
      otherTab.postMessage({ event: 'SIGNED_IN', session });
    },
    await answer.json(),
  );
  await expect(page.getByRole('button', { name: `Account and theme of ${email}` })).toBeVisible();
  await expect.poll(() => page.evaluate(() => Reflect.get(window, 'isOfFirst'))).toBeUndefined();
});
