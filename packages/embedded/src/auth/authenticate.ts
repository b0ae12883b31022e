import { timingSafeEqual } from 'node:crypto';

import type { FastifyRequest } from 'fastify';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';

import { AuthError } from './auth-error.ts';
import { isSessionOpen } from './sessions.ts';
import type { TokenSettings } from './sign-session.ts';
import { findUser, type Queryable, type UserRow } from './users.ts';

const claimsSchema = z.object({ sub: z.guid(), session_id: z.guid() });

/** The user and session of a request's access token. @throws {AuthError} no_authorization, bad_jwt, session_not_found */
export async function authenticate(
  db: Queryable,
  request: FastifyRequest,
  { signingKey, issuer }: TokenSettings,
): Promise<{ user: UserRow; sessionId: string }> {
  const token = readBearer(request);
  const claims = await verify(token, signingKey, issuer);
  const user = await findUser(db, claims.sub);
  if (!user || !(await isSessionOpen(db, claims.session_id))) {
    throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
  }
  return { user, sessionId: claims.session_id };
}

/** Lets only the holder of the service key pass. @throws {AuthError} no_authorization, not_admin */
export function requireServiceKey(request: FastifyRequest, secretKey: string): void {
  const given = Buffer.from(readBearer(request));
  const wanted = Buffer.from(secretKey);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new AuthError(403, 'not_admin', 'User not allowed');
  }
}

function readBearer(request: FastifyRequest): string {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) throw new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
  return token;
}

async function verify(token: string, signingKey: TokenSettings['signingKey'], issuer: string) {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(signingKey.jwks), {
      issuer,
      audience: 'authenticated',
      algorithms: ['ES256'],
    });
    return claimsSchema.parse(payload);
  } catch (error) {
    const reason = error instanceof errors.JWTExpired ? 'token is expired' : 'token is malformed or not ours';
    throw new AuthError(403, 'bad_jwt', `invalid JWT: ${reason}`);
  }
}
