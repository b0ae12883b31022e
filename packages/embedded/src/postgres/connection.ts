import pg from 'pg';

// sun_path holds 108 bytes with its final zero; libpq's name of the socket is `.s.PGSQL.<port>`.
const MAX_SOCKET_DIRECTORY_LENGTH = 107 - '/.s.PGSQL.65535'.length;

/** Whether this directory can hold a Unix socket. */
export function fitsSocketPath(directory: string): boolean {
  return Buffer.byteLength(directory) <= MAX_SOCKET_DIRECTORY_LENGTH;
}

/** The URL of a role: over the Unix socket, or over loopback where the socket's path would be too long. */
export function databaseUrl(o: { role: string; password: string; socket: string; port: number }): string {
  const url = new URL(`postgres://127.0.0.1:${o.port}/postgres`);
  url.username = o.role;
  url.password = o.password;
  if (fitsSocketPath(o.socket)) url.searchParams.set('host', o.socket);
  return url.href;
}

/**
 * What a server says to a new connection. `busy`: it is there but starting, stopping or full; `unauthorized`: it
 * knows another password; `silent`: no answer.
 */
export type Answer = 'ready' | 'busy' | 'unauthorized' | 'silent';

/** Asks a server once, for at most 2 s. */
export async function askServer(url: string): Promise<Answer> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) return 'silent';
    // Class 28: invalid authorization specification.
    return error.code?.startsWith('28') ? 'unauthorized' : 'busy';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs with a client of its own, closed afterwards. */
export async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A broken connection fails the current query, which reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
