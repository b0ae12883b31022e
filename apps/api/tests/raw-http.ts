import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test writes what no proper client would. */
export type RawConnection = {
  socket: Socket;
  /** All that the server has sent so far. */
  received: () => string;
  /** Resolves with all that was received, once the server has closed the connection. */
  closed: Promise<string>;
  [Symbol.dispose](): void;
};

/** Opens a connection to the API. */
export async function openRaw(url: string): Promise<RawConnection> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  // A reset while we still write is one of the ways in which a server ends a connection.
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, received: () => text, closed, [Symbol.dispose]: () => socket.destroy() };
}

/** Sends bytes as they are and returns the whole answer; the request must ask for the connection to be closed. */
export async function exchange(url: string, request: string | Buffer): Promise<string> {
  using connection = await openRaw(url);
  connection.socket.write(request);
  return await connection.closed;
}

/** The status of an answer, and its error code if it has one. */
export function parseAnswer(answer: string): { status: number; code: string | null } {
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? Number.NaN),
    code: /"code":"([^"]+)"/.exec(answer)?.[1] ?? null,
  };
}
