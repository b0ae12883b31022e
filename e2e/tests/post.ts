import type { Page } from '@playwright/test';

import { expect } from './gantry-test.ts';

/** Sends a request as whoever is signed in on the page. */
export async function post(page: Page, path: string, data: object) {
  const [request] = await Promise.all([page.waitForRequest(/\/api\/trpc\//), page.reload()]);
  const { authorization = '' } = await request.allHeaders();
  const response = await page.request.post(path, { data, headers: { authorization } });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}
