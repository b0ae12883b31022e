import { isIPv4 } from 'node:net';

import bcrypt from 'bcryptjs';
import type pg from 'pg';

import { createUser } from './auth/users.ts';
import { withClient } from './connection.ts';
import { EmbeddedError } from './errors.ts';

/** Accounts with published passwords: for a first look on one's own machine, and nowhere else. */
export const DEMO_ACCOUNTS = [
  { email: 'demo@gantry.local', password: 'gantry-demo', role: null },
  { email: 'admin@gantry.local', password: 'gantry-admin', role: 'admin' },
] as const;

/** Any number, the same for all who look after the demo accounts. */
const DEMO_ACCOUNTS_LOCK = 4_710_225;

/** Tells whether an address is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * Makes the demo accounts in a new database while the product listens on loopback. On any other address it
 * refuses to go on as long as one of them still has its published password.
 *
 * @returns whether the demo accounts can sign in
 * @throws {EmbeddedError} DEMO_ACCOUNTS_NEED_LOOPBACK
 */
export function keepDemoAccounts(authDatabaseUrl: string, host: string): Promise<boolean> {
  return withClient(authDatabaseUrl, async (client) => {
    // Held until this client goes: two processes open a new database at the same moment.
    await client.query('select pg_advisory_lock($1)', [DEMO_ACCOUNTS_LOCK]);
    if (isLoopback(host)) {
      const { rows } = await client.query('select from auth.users limit 1');
      if (rows.length === 0) await makeDemoAccounts(client);
    }
    const usable = await findUsable(client);
    if (usable.length > 0 && !isLoopback(host)) {
      throw new EmbeddedError(
        'DEMO_ACCOUNTS_NEED_LOOPBACK',
        `HOST=${host} can be reached from other machines, and everybody knows the password of ${usable.join(' and ')}. Set another with "pnpm account ${usable[0]}"${usable.length > 1 ? ' (and so on)' : ''}, or set GANTRY_DATA_DIR to a new directory.`,
      );
    }
    return usable.length > 0;
  });
}

async function makeDemoAccounts(client: pg.Client): Promise<void> {
  for (const { email, password, role } of DEMO_ACCOUNTS) {
    await createUser(client, { email, password, appMetadata: role ? { role } : {}, userMetadata: {} });
  }
}

async function findUsable(client: pg.Client): Promise<string[]> {
  const usable: string[] = [];
  for (const { email, password } of DEMO_ACCOUNTS) {
    const { rows } = await client.query<{ encrypted_password: string }>(
      'select encrypted_password from auth.users where lower(email) = $1',
      [email],
    );
    const hash = rows[0]?.encrypted_password;
    if (hash && (await bcrypt.compare(password, hash))) usable.push(email);
  }
  return usable;
}
