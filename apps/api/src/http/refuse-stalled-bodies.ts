import type { FastifyInstance } from 'fastify';

import { ApiError } from '../errors/api-error.ts';

/**
 * Answers 408 to a client that stops in the middle of a body that is no form; forms are watched where they are read.
 *
 * @param stallMs for so long, and no more than twice that, it may send nothing
 */
export function refuseStalledBodies(app: FastifyInstance, stallMs: number): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers, raw } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
    if (hasBody && !headers['content-type']?.startsWith('multipart/')) {
      let seen = raw.socket.bytesRead;
      const timer = setTimeout(() => {
        if (raw.socket.bytesRead === seen) {
          // Who reads the body hears of it as of any other failure of the connection, and answers.
          raw.emit('error', stalled());
          return;
        }
        seen = raw.socket.bytesRead;
        timer.refresh();
      }, stallMs);
      for (const end of ['end', 'error', 'close']) raw.once(end, () => clearTimeout(timer));
    }
    done(null, payload);
  });
}

/** With the status where Fastify and the sign-in look for it too. */
function stalled(): ApiError {
  const error = new ApiError(408, 'REQUEST_TIMEOUT', 'The body stopped before its end. Please try again.');
  return Object.assign(error, { statusCode: error.status });
}
