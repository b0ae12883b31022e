import { existsSync } from 'node:fs';

import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

import { ApiError } from '../errors/api-error.ts';
import { sendError } from '../http/respond.ts';

/** Serves the built web app; its pages have addresses of their own, so each of them gets the one document. */
export async function registerWeb(app: FastifyInstance, webDir: string): Promise<void> {
  const isBuilt = existsSync(webDir);
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: webDir,
      index: false,
      wildcard: false,
      // The build leaves a .br and a .gz beside each file.
      preCompressed: true,
      setHeaders(reply, path) {
        // Names under assets/ hold a hash of what is in them.
        reply.header(
          'cache-control',
          path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
    // The files were listed just now; a build may bring others while the API runs.
    app.get<{ Params: { name: string } }>('/assets/:name(^\\w[\\w.-]*$)', (request, reply) =>
      reply.sendFile(`assets/${request.params.name}`),
    );
  }
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    // A file that is not there must not be answered with a page; only the first page is sure to be none.
    const wantsPage = path === '/' || request.headers.accept?.includes('text/html');
    if (isBuilt && isRead && wantsPage && !/^\/(api|auth|trpc)(\/|$)/.test(path)) {
      return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
    }
    return sendError(new ApiError(404, 'NOT_FOUND', 'There is nothing at this address.'), request, reply);
  });
}
