import { describe, expect, test } from 'vitest';

import { readConfig } from '../src/config/config.ts';
import { startApi } from './fixture.ts';

describe('CORS_ORIGINS', () => {
  test('are origins as browsers send them', () => {
    expect(readConfig({ CORS_ORIGINS: ' https://a.example, http://localhost:5173,' }).corsOrigins).toEqual([
      'https://a.example',
      'http://localhost:5173',
    ]);
  });

  // None of these is ever equal to what a browser sends: it would be refused without a word.
  for (const wrong of [
    'a.example',
    'https://a.example/',
    'https://a.example/app',
    'HTTPS://A.example',
    '*',
    'null',
  ])
    test(`"${wrong}" stops the start, and the line names the variable`, () => {
      expect(() => readConfig({ CORS_ORIGINS: `https://b.example,${wrong}` })).toThrow(
        /^CORS_ORIGINS: .*origin/,
      );
    });
});

test.each([
  ['ALLOWED_HOSTS', 'https://gantry.example.com'],
  ['ALLOWED_HOSTS', 'gantry.lan,*'],
  ['TRUSTED_PROXIES', 'proxy.lan'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.0.0.1,true'],
  ['ALLOW_ANONYMOUS_USERS', 'maybe'],
  ['ALLOW_SIGN_UP', 'maybe'],
])('%s=%s stops the start, and the line names the variable', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: `));
});

test('people make accounts by themselves unless sign-up is closed', () => {
  expect(readConfig({}).allowSignUp).toBe(true);
  expect(readConfig({ ALLOW_SIGN_UP: 'false' }).allowSignUp).toBe(false);
});

test('lists are read with or without blanks', () => {
  expect(
    readConfig({
      ALLOWED_HOSTS: 'a.lan, b.lan',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      OAUTH_CLIENT_IDS: ' x ,y',
    }),
  ).toMatchObject({
    allowedHosts: ['a.lan', 'b.lan'],
    trustedProxies: ['10.0.0.0/8', '::1'],
    oauthClientIds: ['x', 'y'],
  });
});
test.each(['sb_secret_a', `x.${Buffer.from('{"role":"service_role"}').toString('base64url')}.x`, 'anything'])(
  'an API with the wrong key for browsers is never built, wherever its settings came from: %s',
  async (publishableKey) => {
    const supabase = {
      url: 'https://api.example.com',
      databaseUrl: 'postgres://unused',
      secretKey: 'sb_secret_a',
      publishableKey,
      jwtSecret: null,
      jwtIssuer: 'https://api.example.com/auth/v1',
    };
    await expect(startApi({ supabase })).rejects.toThrow(/^SUPABASE_PUBLISHABLE_KEY: /);
  },
);
