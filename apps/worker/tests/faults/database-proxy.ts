import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** See {@link openDatabaseProxy}. */
export type DatabaseProxy = Awaited<ReturnType<typeof openDatabaseProxy>>;

/** A way to the database that can break. */
export async function openDatabaseProxy(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const target = Number(url.port);
  const sockets = new Set<Socket>();
  const refused = new Set<string>();
  /** What each client said first: among other things, the name of its application. */
  const greetings = new Map<Socket, string>();
  const isRefused = (client: Socket) => [...refused].some((name) => greetings.get(client)?.includes(name));
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
        greetings.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk) => {
        if (socket === client && !greetings.has(client)) greetings.set(client, String(chunk));
        if (isRefused(client)) client.destroy();
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
    /** The connections of one application break, and it can make no new one. */
    refuse(applicationName: string) {
      refused.add(applicationName);
      for (const socket of sockets) if (isRefused(socket)) socket.destroy();
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
