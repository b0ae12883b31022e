import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

import { checkSchema } from './check-schema.ts';
import { encryptionOf, toConnectionString } from './connection-string.ts';
import { isServerFull } from './patient-pool.ts';

const TIMEOUT_MS = 10_000;
const ROUNDS = 3;
const FULL_WAIT_MS = 15_000;
const FULL_PAUSE_MS = 500;

const NEEDS_SESSIONS =
  'DATABASE_URL: this is a transaction pooler, which keeps no sessions. Set it to the direct connection or to a pooler in session mode; at Supabase both have port 5432 (see Connect in the dashboard).';

/**
 * Checks before anything starts that the database can be reached, has every migration, and keeps sessions: LISTEN,
 * session locks, prepared statements and `set role` need one server connection for as long as the client is connected.
 *
 * @returns what is not as safe as it could be, as sentences for the log
 * @throws {Error} one line that names the variable, says what to do, and holds no password
 */
export async function checkDatabase(databaseUrl: string, migrationsDir: string): Promise<string[]> {
  await using held = new AsyncDisposableStack();
  const open = async () => held.adopt(await connect(databaseUrl), (client) => client.end().catch(() => {}));
  const mine = await open();
  const other = await open();
  // While the other holds a transaction, a pooler cannot give its server connection to this client.
  for (let round = 1; round <= ROUNDS; round++) {
    const before = await backendOf(mine);
    await other.query('begin');
    const taken = await backendOf(other);
    if (taken === before || (await backendOf(mine)) !== before) throw new Error(NEEDS_SESSIONS);
    await other.query('rollback');
  }
  return [await checkSchema(mine, migrationsDir), describeEncryption(databaseUrl)].filter(
    (warning) => warning !== null,
  );
}

function describeEncryption(databaseUrl: string): string | null {
  const encryption = encryptionOf(databaseUrl);
  if (encryption === 'none') {
    return 'DATABASE_URL: the connection to the database is not encrypted. Set sslmode=verify-full.';
  }
  if (encryption === 'unverified') {
    return 'DATABASE_URL: the connection to the database is encrypted, but any server could answer. Set sslmode=verify-full, and sslrootcert to the certificate of its authority.';
  }
  return null;
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const deadline = performance.now() + FULL_WAIT_MS;
  for (;;) {
    let client: pg.Client | null = null;
    try {
      client = new pg.Client({
        connectionString: toConnectionString(databaseUrl),
        application_name: 'gantry-check',
        connectionTimeoutMillis: TIMEOUT_MS,
        query_timeout: TIMEOUT_MS,
      });
      // A connection that breaks fails the query at hand, which reports it.
      client.on('error', () => {});
      await client.connect();
      return client;
    } catch (error) {
      await client?.end().catch(() => {});
      if (!isServerFull(error) || performance.now() > deadline) throw explain(error, databaseUrl);
    }
    await pause(FULL_PAUSE_MS);
  }
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

/** A sentence for what keeps a first connection from being made. */
function explain(error: unknown, databaseUrl: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const host = URL.parse(databaseUrl)?.hostname ?? '';
  return new Error(`DATABASE_URL: ${why()}`, { cause: error });

  function why(): string {
    if (/does not support SSL/.test(message)) {
      return 'the server offers no encryption. Add ?sslmode=disable if the network up to it is trusted.';
    }
    if (/CERT|SIGNED|ISSUER|VERIFY|ALTNAME/.test(code)) {
      return `the certificate of the server was refused (${message}). Set sslrootcert to the certificate of its authority, at Supabase prod-ca-2021.crt (Database Settings, SSL), or sslmode=require to encrypt without checking it.`;
    }
    if (code === 'ENOENT') return `a certificate file could not be read (${message}).`;
    if (isServerFull(error)) {
      return 'the server has no connection left. Raise the size of its pool, or lower DATABASE_POOL_SIZE.';
    }
    if (code.startsWith('28')) return `the server refuses user or password (${message}).`;
    if (/^db\.\w+\.supabase\./.test(host) && /ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT/.test(code)) {
      return 'the direct connection of a Supabase project needs IPv6, which is not to be had here. Use the session pooler (port 5432).';
    }
    return `the database cannot be reached (${message || code}).`;
  }
}
