// pnpm account <e-mail> [--admin]: makes an account or changes its password, which it asks for: in the Supabase project that
// the environment names, else in the embedded database.
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';

import { readProject, setProjectAccount } from '@gantry/backend';
import { openDatabase, setAccount } from '@gantry/embedded';

const ROOT = resolve(import.meta.dirname, '..');

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
  const [email = ''] = positionals;
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || positionals.length > 1) {
    throw new Error('usage: pnpm account <e-mail> [--admin]');
  }
  const project = readProject(process.env);
  const password = await readPassword(project ? 'Password (empty: leave it as it is): ' : 'Password: ');
  const isAdmin = values.admin;
  const outcome = project
    ? await setProjectAccount(project, { email, password: password || null, isAdmin })
    : await setEmbeddedAccount({ email, password, isAdmin });
  const where = project ? ` in the project at ${project.url}` : '';
  const what = password === '' ? 'Changed' : 'Changed the password of';
  process.stdout.write(`${outcome === 'made' ? 'Made' : what} ${email}${where}.\n`);
  if (isAdmin) process.stdout.write('It is an admin now.\n');
}

async function setEmbeddedAccount(account: Parameters<typeof setAccount>[1]): Promise<'made' | 'changed'> {
  await using database = await openDatabase({
    dataDir: resolve(ROOT, process.env['GANTRY_DATA_DIR'] ?? '.gantry'),
    migrationsDir: join(ROOT, 'supabase/migrations'),
  });
  // Awaited here: the database is closed at the end of this block.
  const outcome = await setAccount(database.authDatabaseUrl, account);
  return outcome;
}

/** One line of standard input; typed in a terminal it stays invisible. */
async function readPassword(prompt: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(prompt);
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
