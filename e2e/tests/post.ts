import type { Page } from '@playwright/test';

import { expect } from './gantry-test.ts';

/** Sends a request as whoever is signed in on the page. */
export async function post(page: Page, path: string, data: object) {
  const token = await page.evaluate<string>(
    () => JSON.parse(localStorage.getItem('gantry-session') ?? '{}').access_token,
  );
  const response = await page.request.post(path, { data, headers: { authorization: `Bearer ${token}` } });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}
