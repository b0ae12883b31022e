import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusalForLog } from '../errors/api-error.ts';
import { toApiError } from '../errors/to-api-error.ts';
import type { ApiDeps, UserContext } from '../procedures/context.ts';
import { identify } from './identify.ts';

/** What a client waits before it tries again, when the server or what it needs is away. */
export const RETRY_AFTER_SECONDS = 2;

/** Answers with an error in the one shape of the REST routes. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const apiError = toApiError(error);
  const { status, code, message, details, retryAfterSeconds } = apiError;
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  else request.log.info(refusalForLog(apiError), 'request refused');
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .send({ error: { code, message, requestId: request.id, ...(details && { details }) } });
}

/** The context of a REST request with a good token. @throws {ApiError} 401 */
export async function authenticate(deps: ApiDeps, request: FastifyRequest): Promise<UserContext> {
  const caller = await identify(deps, request);
  return { deps, requestId: request.id, caller, identify: async () => caller };
}
