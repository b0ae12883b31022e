import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../context.ts';
import { createCaller } from '../router.ts';
import { authenticate } from './respond.ts';
import { restRoutes } from './rest-routes.ts';

/** Serves the REST routes over the procedures. */
export function registerRest(app: FastifyInstance, deps: ApiDeps): void {
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
