import type { FastifyInstance } from 'fastify';
import { refuseUnknownQuery } from '../http/refuse-unknown-query.ts';
import { authenticate } from '../http/respond.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { createCaller } from '../router/router.ts';
import { restRoutes } from './rest-routes.ts';

/** Serves the REST routes over the procedures. */
export function registerRest(app: FastifyInstance, deps: ApiDeps): void {
  acceptEmptyBodies(app);
  // Fastify's own: no route reads plain text.
  app.removeContentTypeParser('text/plain');
  for (const route of restRoutes) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit !== undefined && {
        bodyLimit: route.bodyLimit,
        // A body of this size is read only for a caller with a valid token.
        onRequest: async (request) => void (await authenticate(deps, request)),
      }),
      async handler(request, reply) {
        const ctx = await authenticate(deps, request);
        refuseUnknownQuery(request, Object.keys(route.query?.shape ?? {}));
        const { params, query, body } = request;
        reply.header('cache-control', 'no-store');
        // A body of which every part may be left out may be left out itself.
        const answer = await route.run(createCaller(ctx), { params, query, body: body ?? {} }, ctx);
        return reply.code(route.created ? 201 : 200).send(answer);
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
