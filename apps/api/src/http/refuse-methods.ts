import type { FastifyInstance, HTTPMethods } from 'fastify';

import { ApiError } from '../errors/api-error.ts';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Answers 405, and with what instead, where a path is known but the method is not. To be called before the routes are
 * registered; the function that it returns, after them.
 */
export function refuseMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    // tRPC refuses by itself, and the sign-in has its own rules.
    if (!url.startsWith('/api/') || url.startsWith('/api/trpc')) return;
    const methods = known.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    known.set(url, methods);
  });
  return () => {
    const urls = [...known.entries()];
    for (const [url, methods] of urls) {
      const allowed = [...methods].toSorted().join(', ');
      const others = METHODS.filter((method) => !methods.has(method));
      app.route({
        method: others,
        url,
        // Before anything is read of a body.
        onRequest: async (_request, reply) => {
          reply.header('allow', allowed);
          throw new ApiError(405, 'METHOD_NOT_ALLOWED', `This address takes ${allowed} only.`);
        },
        handler: () => null,
      });
    }
  };
}
