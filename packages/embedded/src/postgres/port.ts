import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * The port of a data directory: the one it had last, so that its URL stays the same for who is connected across
 * a restart, or a free one where that is taken.
 */
export async function choosePort(root: string): Promise<number> {
  const last = Number(await readFile(join(root, 'port'), 'utf8').catch(() => '0'));
  return last > 0 && last < 65_536 && (await isFree(last)) ? last : findFreePort();
}

/** Remembers the port that Postgres got. */
export function rememberPort(root: string, port: number): Promise<void> {
  return writeFile(join(root, 'port'), `${port}\n`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return address.port;
}
