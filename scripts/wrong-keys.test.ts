import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SECRET = 'sb_secret_swapped-by-mistake';

/** Runs a script of the product to its end. */
function run(script: string, env: Record<string, string>) {
  return new Promise<{ code: unknown; said: string }>((done) => {
    execFile(
      process.execPath,
      [resolve(ROOT, script)],
      { env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => done({ code: error?.code ?? 0, said: stdout + stderr }),
    );
  });
}

test.each([
  ['apps/api/src/main.ts', 'gantry api'],
  ['apps/worker/src/main.ts', 'gantry worker'],
  ['scripts/start.ts', 'gantry'],
  ['scripts/cleanup.ts', 'gantry cleanup'],
])('with swapped keys %s ends at once, in one line without a key', async (script, name) => {
  const { code, said } = await run(script, {
    PORT: '0',
    DATABASE_URL: 'postgres://postgres:hunter2@127.0.0.1:1/postgres',
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_PUBLISHABLE_KEY: SECRET,
    SUPABASE_SECRET_KEY: 'sb_publishable_swapped-by-mistake',
  });
  expect(code).toBe(1);
  expect(said).toMatch(new RegExp(`^${name}: SUPABASE_SECRET_KEY: this is a publishable key.*\\n$`));
  expect(said).not.toMatch(/swapped-by-mistake|hunter2/);
});
