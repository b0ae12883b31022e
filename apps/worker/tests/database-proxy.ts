import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to the database that can break. */
export async function openDatabaseProxy(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const target = Number(url.port);
  const sockets = new Set<Socket>();
  let state: 'open' | 'silent' | 'closed' = 'open';
  const server = createServer((client) => {
    if (state === 'closed') {
      client.destroy();
      return;
    }
    const database = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk) => {
        if (state === 'open') other.write(chunk);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  // Without the socket's directory, which would lead past us.
  url.searchParams.delete('host');
  url.port = String(address.port);
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    databaseUrl: url.href,
    /** Connections break, and no new one can be made. */
    close() {
      state = 'closed';
      drop();
    },
    /** Connections stand, but nothing gets through any more: what is said now is lost. */
    silence() {
      state = 'silent';
    },
    /** Everything works again; connections that missed something are broken. */
    heal() {
      if (state === 'silent') drop();
      state = 'open';
    },
    async [Symbol.asyncDispose]() {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}
