import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

const REASONS: Record<string, [number, string, string, string]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'HEADERS_TOO_LARGE',
    'The headers of the request are too large.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'Request Timeout',
    'REQUEST_TIMEOUT',
    'The request took too long to arrive.',
  ],
};
const MALFORMED: [number, string, string, string] = [
  400,
  'Bad Request',
  'BAD_REQUEST',
  'The request could not be read.',
];

/** Answers what could not be read as HTTP at all, in the shape of every other refusal, and closes the connection. */
export function answerBrokenConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const [status, reason, code, message] = REASONS[error.code ?? ''] ?? MALFORMED;
    const body = JSON.stringify({ error: { code, message, requestId: randomUUID() } });
    socket.write(
      [
        `HTTP/1.1 ${status} ${reason}`,
        'content-type: application/json; charset=utf-8',
        `content-length: ${Buffer.byteLength(body)}`,
        'cache-control: no-store',
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}
