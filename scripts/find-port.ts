import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Makes sure, before anything is started, that the API can listen.
 *
 * @param o.port 0 for any
 * @returns the port
 * @throws {Error} one line that says what to change
 */
export async function findPort(o: { host: string; port: number }): Promise<number> {
  const server = createServer().listen(o.port, o.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE')
      throw new Error(`PORT: ${o.port} is in use on ${o.host}. Stop what uses it, or set PORT to another.`, {
        cause: error,
      });
    throw new Error(`HOST: cannot listen on ${o.host}:${o.port} (${String(code)}).`, { cause: error });
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}

/** The first free port from here on, for what may be anywhere as long as its address is printed. */
export async function findFreePort({ host, from }: { host: string; from: number }): Promise<number> {
  for (let port = from; port < from + 100; port++) {
    const found = await findPort({ host, port }).catch(() => null);
    if (found !== null) return found;
  }
  return findPort({ host, port: 0 });
}
