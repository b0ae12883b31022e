import type { FastifyRequest } from 'fastify';

import type { ApiDeps } from '../context.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Caller } from './verify-token.ts';

// A request is asked several times who sent it: by the rate limit, by each call of a batch.
const callers = new WeakMap<FastifyRequest, Promise<Caller>>();

/** Tells who sent a request, by its Authorization header alone. @throws {ApiError} TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID */
export function identify(deps: ApiDeps, request: FastifyRequest): Promise<Caller> {
  let caller = callers.get(request);
  if (!caller) {
    caller = verify(deps, request);
    callers.set(request, caller);
  }
  return caller;
}

async function verify(deps: ApiDeps, { headers, raw }: FastifyRequest): Promise<Caller> {
  // Of two Node keeps the first; whoever stands in front of us may have checked the other.
  if ((raw.headersDistinct['authorization']?.length ?? 0) > 1) {
    throw new ApiError(401, 'TOKEN_INVALID', 'Send one Authorization header.');
  }
  return deps.verifyToken(headers.authorization);
}
