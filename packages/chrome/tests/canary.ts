import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server on loopback that remembers who knocked, even if only to open a connection. */
export async function openSite(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? '');
    answer(request, response);
  });
  server.on('connection', () => hits.push('connection'));
  server.on('upgrade', (request, socket) => {
    hits.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    hits,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A server on loopback that sends messages without end through each WebSocket. */
export async function openFlood() {
  const server = createServer();
  const hungUp = Promise.withResolvers<void>();
  server.on('upgrade', (request, socket) => {
    socket.on('close', () => hungUp.resolve());
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    // One binary message of 64,000 bytes.
    const message = Buffer.concat([Buffer.from([0x82, 126, 0xfa, 0x00]), Buffer.alloc(64_000)]);
    const send = () => void socket.write(message, (error) => error ?? setImmediate(send));
    socket.on('error', () => {});
    send();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${portOf(server.address())}`,
    /** Resolves when the other end of a socket is gone. */
    hungUp: hungUp.promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A UDP socket on loopback that counts what reaches it. */
export async function openUdpCanary() {
  const socket = createSocket('udp4');
  let packets = 0;
  socket.on('message', () => {
    packets += 1;
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    packets: () => packets,
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** Hears what is asked of the local network by multicast: mDNS. */
export async function openMulticastCanary() {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  let packets = 0;
  socket.on('message', () => {
    packets += 1;
  });
  socket.bind(5353);
  await once(socket, 'listening');
  socket.addMembership('224.0.0.251');
  return {
    packets: () => packets,
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** Answers with a page of HTML, which brings an icon: full Chrome would ask for one. */
export function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<link rel="icon" href="data:,">${body}`);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}
