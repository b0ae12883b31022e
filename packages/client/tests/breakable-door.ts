import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A door to a server whose connections can be broken, frozen and refused. */
export async function openBreakableDoor(targetUrl: string) {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const state = { isClosed: false, isSilent: false, connections: 0, refusals: 0 };
  const server = createServer((client) => {
    if (state.isClosed) {
      state.refusals++;
      client.resetAndDestroy();
      return;
    }
    state.connections++;
    if (state.isSilent) {
      sockets.add(client.on('error', () => {}));
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => client.write(shortenTimeout(chunk)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** How many connections were let through so far. */
    connections: () => state.connections,
    /** How many connections were refused so far. */
    refusals: () => state.refusals,
    /** Resets every open connection. */
    breakAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    /** Lets nothing more through the open connections, and tells neither end. */
    freezeAll() {
      for (const socket of sockets) socket.removeAllListeners('data').unpipe().pause();
    },
    /** Refuses new connections, or lets them in again. */
    setClosed(isClosed: boolean) {
      state.isClosed = isClosed;
    },
    /** Accepts new connections and answers nothing on them, or serves them again. */
    setSilent(isSilent: boolean) {
      state.isSilent = isSilent;
    },
    [Symbol.dispose]() {
      this.breakAll();
      server.close();
    },
  };
}

// The server tells clients how long a silent connection is to be trusted. A test cannot wait for that long. The same
// number of bytes, so that the chunk they stand in keeps its length.
function shortenTimeout(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1');
  return Buffer.from(
    text.replace(
      /("reconnectAfterInactivityMs":)(\d+)/,
      (_, name: string, ms: string) => name + '500'.padStart(ms.length),
    ),
    'latin1',
  );
}
