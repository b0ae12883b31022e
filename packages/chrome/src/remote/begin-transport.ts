import type { ConnectionTransport } from 'puppeteer-core';
import { WebSocket } from 'ws';

import { MAX_MESSAGE_BYTES } from '../cdp/limit-messages.ts';

/**
 * Begins a connection to a browser that runs elsewhere. Puppeteer's own cannot be ended while it is being made, leaves
 * its contexts behind when it breaks, and ends this process when the other side does not speak the protocol.
 *
 * @param o.keepAliveMs how often the other side must show that it is there
 * @param o.onSilent called when it did not, before the connection is closed
 * @returns what Puppeteer speaks through, and how many bytes of commands were; `opened` rejects if it could not be
 *   opened, in words without the address
 */
export function beginTransport(
  endpoint: string,
  o: { keepAliveMs: number; onSilent: () => void },
): { transport: ConnectionTransport; opened: Promise<void>; bytesSent: () => number } & Disposable {
  const socket = new WebSocket(endpoint, {
    followRedirects: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  const opened = Promise.withResolvers<void>();
  const end = () => socket.terminate();
  let isHeard = true;
  let bytesSent = 0;
  const keepAlive = setInterval(() => {
    if (!isHeard) {
      o.onSilent();
      return end();
    }
    isHeard = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, o.keepAliveMs);
  const transport: ConnectionTransport = {
    send(message) {
      bytesSent += message.length;
      socket.send(withOwnContexts(message));
    },
    close: end,
  };
  socket.on('open', opened.resolve);
  socket.on('error', opened.reject);
  socket.on('pong', () => {
    isHeard = true;
  });
  socket.on('close', () => {
    clearInterval(keepAlive);
    opened.reject(new Error('The connection was closed.'));
    transport.onclose?.();
  });
  socket.addEventListener('message', ({ data }) => {
    // Puppeteer's answer to what it cannot read is a promise that rejects, and that nothing else handles.
    const reading = async () => transport.onmessage?.(typeof data === 'string' ? data : '');
    reading().catch(end);
  });
  return { transport, opened: opened.promise, bytesSent: () => bytesSent, [Symbol.dispose]: end };
}

/** Contexts that end with the connection, however it does: Puppeteer has no option for that. */
function withOwnContexts(message: string): string {
  if (!message.startsWith('{"method":"Target.createBrowserContext"')) return message;
  const command = JSON.parse(message);
  return JSON.stringify({ ...command, params: { ...command.params, disposeOnDetach: true } });
}
