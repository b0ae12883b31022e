import { isIPv4 } from 'node:net';

import type pg from 'pg';

import { hashPassword, verifyPassword } from '../auth/passwords/hash-password.ts';
import { createUser } from '../auth/users.ts';
import { DEMO_ACCOUNTS } from '../demo-passwords.ts';
import { EmbeddedError } from '../errors.ts';
import { withClient } from '../postgres/connection.ts';

/** Any number, the same for all who look after the demo accounts. */
const DEMO_ACCOUNTS_LOCK = 4_710_225;

/** Tells whether an address is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** The settings that say where people reach the product. */
export type Reach = {
  /** The address that it listens on. */
  host: string;
  /** Where a reverse proxy makes it reachable, if one does. */
  publicUrl?: string | null;
  /** Other names under which requests may come. */
  allowedHosts?: string[];
  /** Reverse proxies, which may ask under a name of this machine on behalf of others. */
  trustedProxies?: string[];
};

/** The setting by which other machines reach the product, as it is written in the environment; null if none does. */
export function findOutsideAddress({
  host,
  publicUrl,
  allowedHosts = [],
  trustedProxies = [],
}: Reach): string | null {
  if (!isLoopback(host)) return `HOST=${host}`;
  if (publicUrl && !isLoopback(new URL(publicUrl).hostname.replaceAll(/^\[|\]$/g, '')))
    return `PUBLIC_URL=${publicUrl}`;
  const outside = allowedHosts.filter((name) => !isLoopback(name.toLowerCase()));
  if (outside.length > 0) return `ALLOWED_HOSTS=${outside.join(',')}`;
  return trustedProxies.length > 0 ? `TRUSTED_PROXIES=${trustedProxies.join(',')}` : null;
}

/**
 * Makes the demo accounts in a new database while only this machine reaches the product. Otherwise it refuses to continue
 * as long as one of them still has its published password.
 *
 * @returns whether the demo accounts can sign in
 * @throws {EmbeddedError} DEMO_ACCOUNTS_NEED_LOOPBACK
 */
export function keepDemoAccounts(authDatabaseUrl: string, reach: Reach): Promise<boolean> {
  const outside = findOutsideAddress(reach);
  return withClient(authDatabaseUrl, async (client) => {
    // Held until this client goes: two processes open a new database at the same moment.
    await client.query('select pg_advisory_lock($1)', [DEMO_ACCOUNTS_LOCK]);
    if (outside === null) {
      const { rows } = await client.query('select from auth.users limit 1');
      if (rows.length === 0) await makeDemoAccounts(client);
    }
    const usable = await findUsable(client);
    if (usable.length > 0 && outside !== null) {
      throw new EmbeddedError(
        'DEMO_ACCOUNTS_NEED_LOOPBACK',
        `${outside} lets other machines in, and everybody knows the password of ${usable.join(' and ')}. Set another with "pnpm account ${usable[0]}"${usable.length > 1 ? ' (and so on)' : ''}, or set GANTRY_DATA_DIR to a new directory.`,
      );
    }
    return usable.length > 0;
  });
}

async function makeDemoAccounts(client: pg.Client): Promise<void> {
  for (const { email, password, role } of DEMO_ACCOUNTS) {
    const passwordHash = await hashPassword(password);
    await createUser(client, { email, passwordHash, appMetadata: role ? { role } : {}, userMetadata: {} });
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
    if (hash && (await verifyPassword(password, hash))) usable.push(email);
  }
  return usable;
}
