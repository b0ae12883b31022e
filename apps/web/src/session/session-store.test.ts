import { afterEach, expect, test, vi } from 'vitest';

import { SessionStore } from './session-store.ts';

const CONFIG = {
  supabaseUrl: 'https://project.test',
  supabasePublishableKey: 'sb_publishable_x',
  demoAccounts: false,
  maxUploadBytes: 1,
};
const token = (exp: number) =>
  ['{"alg":"ES256"}', JSON.stringify({ sub: 'u', exp }), 'x']
    .map((part) => btoa(part).replaceAll('=', ''))
    .join('.');
const session = (lifeSeconds: number) => ({
  access_token: token(Date.now() / 1000 + lifeSeconds),
  refresh_token: 'r',
  token_type: 'bearer',
  expires_in: lifeSeconds,
  user: {
    id: 'u',
    aud: 'authenticated',
    email: 'ada@example.com',
    app_metadata: {},
    user_metadata: {},
    created_at: '',
  },
});

/** A sign-in service; `refresh` answers when a session is to be renewed. */
function stubSignIn(refresh: () => Response) {
  vi.stubGlobal('fetch', async (input: string) =>
    input.includes('grant_type=password') ? Response.json(session(1)) : refresh(),
  );
}
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test.each([
  ['503', () => new Response('upstream', { status: 503 })],
  [
    '429',
    () => Response.json({ code: 429, error_code: 'over_request_rate_limit', msg: 'x' }, { status: 429 }),
  ],
  ['a page of a gateway', () => new Response('<html>', { status: 521 })],
  [
    'no connection',
    () => {
      throw new TypeError('Failed to fetch');
    },
  ],
])('a session that cannot be refreshed is kept: %s', async (_what, refresh) => {
  vi.useFakeTimers();
  let answer: () => Response = refresh;
  stubSignIn(() => answer());
  const store = new SessionStore(CONFIG);
  expect(await store.signIn('ada@example.com', 'a-good-password')).toEqual({ outcome: 'signed-in' });
  // The sign-in library tries for half a minute by itself.
  const asked = expect(store.getToken()).rejects.toMatchObject({ code: 'SIGN_IN_UNAVAILABLE', status: 503 });
  await vi.advanceTimersByTimeAsync(60_000);
  await asked;
  expect(store.snapshot()).toMatchObject({ user: { email: 'ada@example.com' } });

  const renewed = session(3600);
  answer = () => Response.json(renewed);
  // A failed renewal is not repeated at once.
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await store.getToken()).toBe(renewed.access_token);
});
