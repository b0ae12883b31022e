import type { BrowserContext } from '@playwright/test';

import type { Product } from './start-product.ts';

const DEMO_ACCOUNTS = {
  'Demo user': { email: 'demo@gantry.local', password: 'gantry-demo' },
  'Demo administrator': { email: 'admin@gantry.local', password: 'gantry-admin' },
};

/** The accounts of a fresh embedded installation, as the sign-in page names them. */
export type DemoAccount = keyof typeof DEMO_ACCOUNTS;

/** Gives the pages of a context a new session of a demo account. */
export function signInTo(context: BrowserContext, product: Product, account: DemoAccount): Promise<void> {
  return startSession(context, product, 'token?grant_type=password', DEMO_ACCOUNTS[account]);
}

/** Makes an account and gives its session to the pages of a context. */
export async function signUpTo(context: BrowserContext, product: Product, email: string): Promise<void> {
  await startSession(context, product, 'signup', { email, password: 'a long enough password' });
}

async function startSession(
  context: BrowserContext,
  { url }: Product,
  path: string,
  data: { email: string; password: string },
): Promise<void> {
  const answer = await context.request.post(`${url}/auth/v1/${path}`, { data, failOnStatusCode: true });
  await context.setStorageState({
    cookies: [],
    origins: [{ origin: url, localStorage: [{ name: 'gantry-session', value: await answer.text() }] }],
  });
}
