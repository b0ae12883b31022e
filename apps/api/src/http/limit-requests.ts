import rateLimit from '@fastify/rate-limit';
import { clientOf } from '@gantry/embedded';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../errors/api-error.ts';
import type { FrameSources } from '../live-view/frame-sources.ts';
import { bringsPictures } from '../live-view/register-frames.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { identify } from './identify.ts';

/** Limits what each user, or each client without a good token, may ask for in a minute. */
export async function limitRequests(
  app: FastifyInstance,
  deps: ApiDeps,
  sources: FrameSources,
): Promise<void> {
  await app.register(rateLimit, {
    max: deps.config.requestsPerMinute,
    timeWindow: '1 minute',
    allowList: (request) =>
      request.url === '/healthz' || request.url === '/readyz' || bringsPictures(sources, request),
    keyGenerator: (request) =>
      identify(deps, request).then(
        ({ userId }) => userId,
        () => clientOf(request),
      ),
    errorResponseBuilder: rateLimited,
  });
}

/** Counts each further call of a batch like a request of its own; the request itself was counted already. */
export function countBatchedCalls(app: FastifyInstance): void {
  const count = app.createRateLimit();
  app.addHook('onRequest', async (request) => {
    for (let call = callsIn(request); call > 1; call--) {
      const limit = await count(request);
      if (!limit.isAllowed && limit.isExceeded) throw rateLimited();
    }
  });
}

/** The commas of the path: tRPC puts one between the names of the calls. */
function callsIn({ url }: FastifyRequest): number {
  return (url.split('?', 1)[0] ?? '').split(/,|%2c/i).length;
}

function rateLimited(): ApiError {
  return new ApiError(429, 'RATE_LIMITED', 'Too many requests. Wait a minute and try again.');
}
