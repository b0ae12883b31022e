import { type FastifyTRPCPluginOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import { authenticate } from '../http/respond.ts';
import type { ApiDeps } from '../procedures/context.ts';
import type { appRouter } from '../router/router.ts';
import { SUBMISSION_LIST_BYTES } from '../submissions/submission.ts';

const PATH = 'jobs.submitMany';

/**
 * Serves `jobs.submitMany` with a body as large as the REST route takes. A list that comes in a batch with other calls
 * has the limit that they have.
 */
export function registerTrpcList(
  app: FastifyInstance,
  deps: ApiDeps,
  trpcOptions: FastifyTRPCPluginOptions<typeof appRouter>['trpcOptions'],
): void {
  // As text: tRPC reads it itself, and says what is wrong with it.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.post(`/api/trpc/${PATH}`, {
    bodyLimit: SUBMISSION_LIST_BYTES,
    // A body of this size is read only for a caller with a valid token.
    onRequest: async (request) => void (await authenticate(deps, request)),
    handler: (req, res) => fastifyRequestHandler({ ...trpcOptions, req, res, path: PATH }),
  });
}
