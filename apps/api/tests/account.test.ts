import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type Api, startApi } from './fixture.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/account.ts');

/** Runs `pnpm account` against the sign-in of an API, as if it were a project's. */
function account(api: Api, args: string[], password: string, env: Record<string, string> = {}) {
  return new Promise<{ code: unknown; said: string }>((done) => {
    const child = execFile(
      process.execPath,
      [SCRIPT, ...args],
      {
        env: {
          PATH: process.env['PATH'],
          GANTRY_DATA_DIR: '/nowhere/at/all',
          DATABASE_URL: api.database.databaseUrl,
          SUPABASE_URL: api.url,
          SUPABASE_SECRET_KEY: api.signingKey.serviceKey,
          ...env,
        },
      },
      (error, stdout, stderr) => done({ code: error?.code ?? 0, said: stdout + stderr }),
    );
    child.stdin?.end(`${password}\n`);
  });
}

test('the first admin of a project is made in the project, and a user becomes one without a new password', async () => {
  await using api = await startApi();
  const me = { email: 'me@example.com', password: 'a-good-password', id: '' };
  expect(await account(api, [me.email, '--admin'], me.password)).toEqual({
    code: 0,
    said: `Made me@example.com in the project at ${api.url}.\nIt is an admin now.\n`,
  });
  const isAdmin = async ({ token }: { token: string }) =>
    (await fetch(`${api.url}/api/admin/workers`, { headers: { authorization: `Bearer ${token}` } })).ok;
  expect(await isAdmin(await api.signIn(me))).toBe(true);

  const user = await api.newUser();
  expect(await isAdmin(user)).toBe(false);
  expect(await account(api, [user.email.toUpperCase(), '--admin'], '')).toMatchObject({ code: 0 });
  expect(await isAdmin(await api.signIn(user))).toBe(true);

  const refused = async (args: string[], password: string, env?: Record<string, string>) =>
    (await account(api, args, password, env)).said;
  expect(await refused(['new@example.com'], '')).toBe(
    'gantry account: There is no account new@example.com in the project; a new one needs a password.\n',
  );
  expect(await refused(['new@example.com'], 'short')).toMatch(
    /^gantry account: The project answered 422: .+\n$/,
  );
  expect(await refused(['new@example.com'], 'x', { SUPABASE_SECRET_KEY: 'sb_secret_other' })).toBe(
    'gantry account: SUPABASE_SECRET_KEY: the project does not accept this key.\n',
  );
  expect(await refused(['new@example.com'], 'x', { SUPABASE_SECRET_KEY: '' })).toMatch(
    /^gantry account: SUPABASE_SECRET_KEY: is missing/,
  );
});
