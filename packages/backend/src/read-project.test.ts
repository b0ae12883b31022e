import { describe, expect, test } from 'vitest';

import { readProject, readSignIn } from './read-project.ts';

const REF = 'abcdefghijklmnopqrst';
const OTHER = 'zyxwvutsrqponmlkjihg';
const FUTURE = 4_102_444_800;

/** A legacy key: a JWT whose signature nobody here can check. */
function legacyKey(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'supabase', ref: REF, exp: FUTURE, ...claims })}.c2lnbmF0dXJl`;
}

const GOOD = {
  DATABASE_URL: `postgresql://postgres.${REF}:pass%40word@aws-0-eu-central-1.pooler.supabase.com:5432/postgres`,
  SUPABASE_URL: `https://${REF}.supabase.co`,
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_Abc-123_x',
  SUPABASE_SECRET_KEY: 'sb_secret_Def-456_y',
};
const ANON = legacyKey({ role: 'anon' });
const SERVICE = legacyKey({ role: 'service_role' });

/** As the API reads its settings. */
function read(changes: Record<string, string | undefined>) {
  const env = { ...GOOD, ...changes };
  const project = readProject(env);
  return project && { ...project, ...readSignIn(env, project) };
}

test.each([
  ['new keys', {}],
  ['legacy keys', { SUPABASE_PUBLISHABLE_KEY: ANON, SUPABASE_SECRET_KEY: SERVICE }],
  ['one of each', { SUPABASE_SECRET_KEY: SERVICE }],
  [
    'the local stack, whose keys name no project',
    {
      DATABASE_URL: 'postgres://postgres:postgres@127.0.0.1:54322/postgres',
      SUPABASE_URL: 'http://127.0.0.1:54321/',
      SUPABASE_PUBLISHABLE_KEY: legacyKey({ iss: 'supabase-demo', ref: undefined, role: 'anon' }),
      SUPABASE_SECRET_KEY: legacyKey({ iss: 'supabase-demo', ref: undefined, role: 'service_role' }),
    },
  ],
  ['a custom domain', { SUPABASE_URL: 'https://api.example.com', SUPABASE_SECRET_KEY: SERVICE }],
  ['the direct connection', { DATABASE_URL: `postgres://postgres:x@db.${REF}.supabase.co:5432/postgres` }],
])('accepts %s', (_what, changes) => {
  const env: Record<string, string | undefined> = { ...GOOD, ...changes };
  expect(read(changes)).toEqual({
    databaseUrl: env['DATABASE_URL'],
    url: env['SUPABASE_URL']?.replace(/\/$/, ''),
    publishableKey: env['SUPABASE_PUBLISHABLE_KEY'],
    secretKey: env['SUPABASE_SECRET_KEY'],
    jwtSecret: null,
    jwtIssuer: `${env['SUPABASE_URL']?.replace(/\/$/, '')}/auth/v1`,
  });
});

test('an issuer of its own is for a sign-in service that is known by another address', () => {
  const SUPABASE_JWT_ISSUER = `https://${REF}.supabase.co/auth/v1`;
  expect(read({ SUPABASE_URL: 'https://api.example.com', SUPABASE_JWT_ISSUER })?.jwtIssuer).toBe(
    SUPABASE_JWT_ISSUER,
  );
});

test('without any of them it is the embedded mode, also when they are empty', () => {
  expect(readProject({})).toBeNull();
  expect(readProject({ DATABASE_URL: '', SUPABASE_URL: '', SUPABASE_SECRET_KEY: '' })).toBeNull();
});

describe('refuses in one line that names the variable and holds no key', () => {
  const swapped = {
    SUPABASE_PUBLISHABLE_KEY: GOOD.SUPABASE_SECRET_KEY,
    SUPABASE_SECRET_KEY: GOOD.SUPABASE_PUBLISHABLE_KEY,
  };
  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['swapped keys', swapped, /^SUPABASE_SECRET_KEY: this is a publishable key/],
    [
      'a secret key for browsers',
      { SUPABASE_PUBLISHABLE_KEY: GOOD.SUPABASE_SECRET_KEY },
      /^SUPABASE_PUBLISHABLE_KEY: this is a secret key/,
    ],
    [
      'another secret key for browsers',
      { SUPABASE_PUBLISHABLE_KEY: 'sb_secret_other' },
      /^SUPABASE_PUBLISHABLE_KEY: this is a secret key/,
    ],
    [
      'a legacy service key for browsers',
      { SUPABASE_PUBLISHABLE_KEY: SERVICE },
      /^SUPABASE_PUBLISHABLE_KEY: this is a secret key/,
    ],
    [
      'the publishable key for the server',
      { SUPABASE_SECRET_KEY: GOOD.SUPABASE_PUBLISHABLE_KEY },
      /^SUPABASE_SECRET_KEY: this is a publishable key/,
    ],
    [
      'a legacy anon key for the server',
      { SUPABASE_SECRET_KEY: ANON },
      /^SUPABASE_SECRET_KEY: this is a publishable key/,
    ],
    [
      'a user’s token',
      { SUPABASE_PUBLISHABLE_KEY: legacyKey({ role: 'authenticated' }) },
      /^SUPABASE_PUBLISHABLE_KEY: this is the access token of a user/,
    ],
    [
      'another role',
      { SUPABASE_PUBLISHABLE_KEY: legacyKey({ role: 'supabase_admin' }) },
      /^SUPABASE_PUBLISHABLE_KEY: this is no key/,
    ],
    [
      'an account’s token',
      { SUPABASE_SECRET_KEY: 'sbp_0123456789' },
      /^SUPABASE_SECRET_KEY: this is a personal access token/,
    ],
    [
      'an expired key',
      { SUPABASE_PUBLISHABLE_KEY: legacyKey({ role: 'anon', exp: 1_700_000_000 }) },
      /^SUPABASE_PUBLISHABLE_KEY: this legacy key expired on 2023-11-14/,
    ],
    [
      'a key of another project',
      { SUPABASE_PUBLISHABLE_KEY: legacyKey({ role: 'anon', ref: OTHER }) },
      /^SUPABASE_PUBLISHABLE_KEY: belongs to the project zyx/,
    ],
    [
      'another project by its issuer',
      {
        SUPABASE_SECRET_KEY: legacyKey({
          role: 'service_role',
          ref: undefined,
          iss: `https://${OTHER}.supabase.co/auth/v1`,
        }),
      },
      /^SUPABASE_SECRET_KEY: belongs to the project zyx/,
    ],
    [
      'two projects behind a custom domain',
      {
        SUPABASE_URL: 'https://api.example.com',
        SUPABASE_PUBLISHABLE_KEY: legacyKey({ role: 'anon', ref: OTHER }),
        SUPABASE_SECRET_KEY: SERVICE,
      },
      /^SUPABASE_PUBLISHABLE_KEY: belongs to the project zyx/,
    ],
    [
      'the database of another project',
      { DATABASE_URL: `postgres://postgres:x@db.${OTHER}.supabase.co/postgres` },
      /^DATABASE_URL: belongs to the project zyx/,
    ],
    [
      'quotation marks',
      { SUPABASE_SECRET_KEY: `"${GOOD.SUPABASE_SECRET_KEY}"` },
      /^SUPABASE_SECRET_KEY: the value has a space, line break or quotation mark/,
    ],
    [
      'a line break',
      { SUPABASE_PUBLISHABLE_KEY: `${GOOD.SUPABASE_PUBLISHABLE_KEY}\n` },
      /^SUPABASE_PUBLISHABLE_KEY: the value has a space/,
    ],
    [
      'a masked key',
      { SUPABASE_SECRET_KEY: 'sb_secret_Def-4··········' },
      /^SUPABASE_SECRET_KEY: this is no key/,
    ],
    [
      'any other text',
      { SUPABASE_PUBLISHABLE_KEY: 'correct horse battery staple'.replaceAll(' ', '-') },
      /^SUPABASE_PUBLISHABLE_KEY: this is no key/,
    ],
    ['a key as the JWT secret', { SUPABASE_JWT_SECRET: ANON }, /^SUPABASE_JWT_SECRET: this is an API key/],
    [
      'the address as the JWT secret',
      { SUPABASE_JWT_SECRET: `${GOOD.SUPABASE_URL}/auth/v1` },
      /^SUPABASE_JWT_SECRET: this is no secret/,
    ],
    [
      'a public key as the JWT secret',
      { SUPABASE_JWT_SECRET: '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ' },
      /^SUPABASE_JWT_SECRET: this is no secret/,
    ],
    [
      'published keys as the JWT secret',
      { SUPABASE_JWT_SECRET: '{"keys":[{"kty":"EC","crv":"P-256","kid":"a"}]}' },
      /^SUPABASE_JWT_SECRET: this is no secret/,
    ],
    [
      'the id of a key as the JWT secret',
      { SUPABASE_JWT_SECRET: '0B1C6F0E-2f1c-4c53-9d0e-3b0f3a1f5a11' },
      /^SUPABASE_JWT_SECRET: this is no secret/,
    ],
    ['a short JWT secret', { SUPABASE_JWT_SECRET: 'tiny-secret' }, /^SUPABASE_JWT_SECRET: is shorter/],
    ['no publishable key', { SUPABASE_PUBLISHABLE_KEY: '' }, /^SUPABASE_PUBLISHABLE_KEY: is missing/],
    ['no secret key', { SUPABASE_SECRET_KEY: undefined }, /^SUPABASE_SECRET_KEY: is missing/],
    ['no database', { DATABASE_URL: undefined }, /^DATABASE_URL: is missing, but SUPABASE_URL is set/],
    [
      'a password in the published address',
      { SUPABASE_URL: 'https://user:hunter2@api.example.com' },
      /^SUPABASE_URL: must be the address/,
    ],
    [
      'the address of one service',
      { SUPABASE_URL: `${GOOD.SUPABASE_URL}/rest/v1/` },
      /^SUPABASE_URL: must be the address/,
    ],
    [
      'the placeholder of the dashboard',
      { DATABASE_URL: GOOD.DATABASE_URL.replace('pass%40word', '[YOUR-PASSWORD]') },
      /^DATABASE_URL: put the password/,
    ],
    [
      'a password that breaks the address',
      { DATABASE_URL: 'postgres://postgres:50%off@localhost/x' },
      /^DATABASE_URL: must be a connection string/,
    ],
    [
      'the transaction pooler',
      { DATABASE_URL: GOOD.DATABASE_URL.replace('5432', '6543') },
      /^DATABASE_URL: port 6543 is the transaction pooler/,
    ],
  ])('%s', (_what, changes, line) => {
    let message = '';
    try {
      read(changes);
    } catch (error) {
      message = String(error instanceof Error && error.message);
    }
    expect(message).toMatch(line);
    expect(message).not.toContain('\n');
    for (const secret of [...Object.values(changes), GOOD.SUPABASE_SECRET_KEY, 'pass%40word', 'hunter2']) {
      if (secret && !secret.startsWith('https://api')) expect(message).not.toContain(secret.trim());
    }
  });
});
