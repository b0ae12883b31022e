import type { JobEvent } from '@gantry/contract';
import { SSE } from '../procedures/sse-settings.ts';

// The messages of a tRPC subscription over server-sent events, as its clients read them.

/** The first message: how the client is to treat the connection. */
export const CONNECTED = encode(['event: connected', `data: ${JSON.stringify(SSE.client)}`]);

/** Keep-alive message during silence. */
export const PING = encode(['event: ping', 'data: ']);

/** The last message of a stream that ended as it should. */
export const RETURN = encode(['event: return', 'data: ']);

/** The last message of a stream that did not. */
export function errorMessage(shape: object): Buffer {
  return encode(['event: serialized-error', `data: ${JSON.stringify(shape)}`]);
}

// Those who watch one job are given the same values: what is written to a thousand sockets is made once.
const eventMessages = new WeakMap<JobEvent, Buffer>();

/** An event, under its number as the id that a client resumes after. */
export function eventMessage(event: JobEvent): Buffer {
  let known = eventMessages.get(event);
  if (!known) {
    known = encode([`data: ${JSON.stringify(event)}`, `id: ${event.seq}`]);
    eventMessages.set(event, known);
  }
  return known;
}

function encode(lines: string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n\n`);
}
