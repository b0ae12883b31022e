import type { FastifyInstance } from 'fastify';

import type { ApiDeps } from '../procedures/context.ts';
import { createReadiness } from './create-readiness.ts';

/** Serves `/healthz` (the process runs) and `/readyz` (it can serve requests), without a token. */
export function registerReadiness(app: FastifyInstance, deps: ApiDeps): void {
  const readiness = createReadiness(deps);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { isReady, checks } = await readiness();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}
