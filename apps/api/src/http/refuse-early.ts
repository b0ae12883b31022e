import type { FastifyInstance } from 'fastify';
import { stopping } from '../errors/api-error.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { sendError } from './respond.ts';

// After a refusal the rest of an upload is thrown away for so long, so that the client gets to read the answer.
const LINGER_MS = 5_000;

/** Refuses requests without reading their bodies: while the API stops, and from those who have no good token. */
export function refuseEarly(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!deps.stopping.aborted || request.url === '/healthz' || request.url === '/readyz') return done();
    reply.header('connection', 'close');
    return sendError(stopping(), request, reply);
  });

  // A client that asks whether to send its body hears of a bad token before it does.
  app.server.on('checkContinue', (request, response) => {
    const isOpen = !request.url?.startsWith('/api/');
    void (isOpen ? Promise.resolve() : deps.verifyToken(request.headers.authorization))
      .then(
        () => response.writeContinue(),
        () => {},
      )
      .then(() => app.routing(request, response));
  });

  // Node would read a refused body to its end, however long it is.
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return;
    const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS);
    raw.once('close', () => clearTimeout(timer));
  });
}
