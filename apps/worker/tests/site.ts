import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A site on loopback, and the egress policy of an automation that may go there. */
export async function openSite(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    /** How many requests came. */
    hits: () => hits,
    egress: { allowPublic: false, allowPrivateOrigins: [origin] },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
