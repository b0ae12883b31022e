import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../context.ts';
import { createCaller } from '../router.ts';
import { authenticate } from './respond.ts';
import { restRoutes } from './rest-routes.ts';

/** Serves the REST routes over the procedures. */
export function registerRest(app: FastifyInstance, deps: ApiDeps): void {
  acceptEmptyBodies(app);
  for (const route of restRoutes) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit !== undefined && {
        bodyLimit: route.bodyLimit,
        // Nobody without a good token gets so much read.
        onRequest: async (request) => void (await authenticate(deps, request)),
      }),
      async handler(request, reply) {
        const ctx = await authenticate(deps, request);
        const { params, query, body } = request;
        reply.header('cache-control', 'no-store');
        return route.run(createCaller(ctx), { params, query, body }, ctx);
      },
    });
  }
}

/** Many clients announce JSON with every POST, also with those that have nothing to say, such as a cancellation. */
function acceptEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, body, done);
  });
}
