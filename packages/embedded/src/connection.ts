import pg from 'pg';

// sun_path holds 108 bytes with its final zero; libpq's name of the socket is `.s.PGSQL.<port>`.
const LONGEST_SOCKET_DIRECTORY = 107 - '/.s.PGSQL.65535'.length;

/** Tells whether a Unix socket can lie in this directory. */
export function fitsSocketPath(directory: string): boolean {
  return Buffer.byteLength(directory) <= LONGEST_SOCKET_DIRECTORY;
}

/** The URL of a role: over the Unix socket, or over loopback where the socket's path would be too long. */
export function databaseUrl(o: {
  role: string;
  password: string;
  socket: string;
  port: number;
  database?: string;
}): string {
  const url = new URL(`postgres://127.0.0.1:${o.port}/${o.database ?? 'postgres'}`);
  url.username = o.role;
  url.password = o.password;
  if (fitsSocketPath(o.socket)) url.searchParams.set('host', o.socket);
  return url.href;
}

/** Tells whether a server answers at this URL. */
export async function connectOnce(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs with a client of its own, closed afterwards. */
export async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
