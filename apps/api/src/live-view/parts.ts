import type { RunningJob } from '@gantry/core';

/** Whether there are pictures: not before the job runs, not at the moment, or as they come. `ended`: no more. */
export type LiveState = 'waiting' | 'connecting' | 'live' | 'ended';

/** What is said between the pictures of a stream. */
export type LiveMessage =
  | { type: 'state'; jobId: string; attempt: number; state: LiveState }
  | { type: 'jobs'; jobs: RunningJob[] }
  | { type: 'ping' };

const BOUNDARY = 'gantry-live';

/** Of the whole stream: parts by RFC 2046, each of which says how long it is. */
export const LIVE_CONTENT_TYPE = `multipart/mixed; boundary=${BOUNDARY}`;

/** A message, as a part of JSON. */
export function messagePart(message: LiveMessage): Buffer {
  return part('application/json', Buffer.from(JSON.stringify(message)));
}

/** A picture, as a part with the bytes of the JPEG. */
export function picturePart(o: { jobId: string; attempt: number; jpeg: Buffer }): Buffer {
  return part('image/jpeg', o.jpeg, [`gantry-job: ${o.jobId}`, `gantry-attempt: ${o.attempt}`]);
}

/** Ends the stream. */
export const LAST_PART = Buffer.from(`--${BOUNDARY}--\r\n`);

function part(contentType: string, body: Buffer, headers: string[] = []): Buffer {
  const lines = [
    `--${BOUNDARY}`,
    `content-type: ${contentType}`,
    `content-length: ${body.length}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body, Buffer.from('\r\n')]);
}
