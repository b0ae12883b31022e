import { isSessionOpen } from '@gantry/core';
import type { FastifyRequest } from 'fastify';
import { checkKind } from '../auth/check-kind.ts';
import type { Caller } from '../auth/verify-token.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiDeps } from '../procedures/context.ts';

// A request is asked several times who sent it: by the rate limit, by each call of a batch.
const callers = new WeakMap<FastifyRequest, Promise<Caller>>();

/**
 * Says who sent a request, by its Authorization header alone. The session of the token must still be open, so a sign-out, a
 * ban and the end of an account hold at once, for reads too.
 *
 * @throws {ApiError} TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID, SIGN_IN_UNAVAILABLE, SESSION_ENDED, ANONYMOUS_NOT_ALLOWED, CLIENT_NOT_ALLOWED
 */
export function identify(deps: ApiDeps, request: FastifyRequest): Promise<Caller> {
  let caller = callers.get(request);
  if (!caller) {
    caller = verify(deps, request);
    callers.set(request, caller);
  }
  return caller;
}

/** @throws {ApiError} SESSION_ENDED */
export async function requireOpenSession({ pool }: ApiDeps, caller: Caller): Promise<void> {
  if (!(await isSessionOpen(pool, caller))) {
    throw new ApiError(401, 'SESSION_ENDED', 'You were signed out. Sign in again.');
  }
}

async function verify(deps: ApiDeps, { headers, raw }: FastifyRequest): Promise<Caller> {
  // Of two Node keeps the first; a proxy may have checked the other.
  if ((raw.headersDistinct['authorization']?.length ?? 0) > 1) {
    throw new ApiError(401, 'TOKEN_INVALID', 'Send one Authorization header.');
  }
  const caller = await deps.verifyToken(headers.authorization);
  checkKind(caller, deps.config);
  await requireOpenSession(deps, caller);
  return caller;
}
