import type { JobEvent } from '@gantry/contract';
import { SSE } from './sse-settings.ts';

// The messages of a tRPC subscription over server-sent events, as its clients read them.

/** The first message: how the client is to treat the connection. */
export const CONNECTED = frame(['event: connected', `data: ${JSON.stringify(SSE.client)}`]);

/** Says in silence that the connection stands. */
export const PING = frame(['event: ping', 'data: ']);

/** The last message of a stream that ended as it should. */
export const RETURN = frame(['event: return', 'data: ']);

/** The last message of a stream that did not. */
export function errorFrame(shape: object): Buffer {
  return frame(['event: serialized-error', `data: ${JSON.stringify(shape)}`]);
}

// Those who watch one job are given the same values: what is written to a thousand sockets is made once.
const eventFrames = new WeakMap<JobEvent, Buffer>();

/** An event, under its number as the id that a client resumes after. */
export function eventFrame(event: JobEvent): Buffer {
  let known = eventFrames.get(event);
  if (!known) {
    known = frame([`data: ${JSON.stringify(event)}`, `id: ${event.seq}`]);
    eventFrames.set(event, known);
  }
  return known;
}

function frame(lines: string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n\n`);
}
