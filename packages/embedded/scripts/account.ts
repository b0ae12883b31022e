// pnpm account <e-mail> [--admin]: makes an account in the embedded mode or changes its password, which it asks for.
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { openDatabase } from '../src/open-database.ts';
import { setAccount } from '../src/set-account.ts';

try {
  await run();
} catch (error) {
  process.stderr.write(`gantry account: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { admin: { type: 'boolean', default: false } },
  });
  const email = z.email().safeParse(positionals[0]);
  if (!email.success || positionals.length > 1) throw new Error('usage: pnpm account <e-mail> [--admin]');
  const password = await readPassword();
  const root = join(import.meta.dirname, '../../..');
  await using database = await openDatabase({
    dataDir: resolve(root, process.env['GANTRY_DATA_DIR'] ?? '.gantry'),
    migrationsDir: join(root, 'supabase/migrations'),
  });
  const account = { email: email.data, password, isAdmin: values.admin };
  const outcome = await setAccount(database.authDatabaseUrl, account);
  process.stdout.write(
    outcome === 'made' ? `Made ${email.data}.\n` : `Changed the password of ${email.data}.\n`,
  );
}

/** One line of standard input; typed in a terminal it stays invisible. */
async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: process.stdin.isTTY });
  const [line]: unknown[] = await Promise.race([
    once(lines, 'line'),
    once(lines, 'close').then(() => {
      throw new Error('no password was given');
    }),
  ]);
  lines.close();
  if (process.stdin.isTTY) process.stderr.write('\n');
  return String(line);
}
