import type { UserClaims } from '@gantry/core';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';

import { ApiError } from '../errors/api-error.ts';
import { createRemoteKeySet, KeysUnavailableError } from './remote-key-set.ts';

/** A caller with a valid token. */
export type Caller = {
  userId: string;
  sessionId: string;
  claims: UserClaims;
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number;
};

/** Verifies the value of an Authorization header. @throws {ApiError} TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID, SIGN_IN_UNAVAILABLE */
export type VerifyToken = (authorization: string | undefined) => Promise<Caller>;

const claimsSchema = z.looseObject({
  sub: z.guid(),
  role: z.literal('authenticated'),
  session_id: z.guid(),
  exp: z.number(),
});

// Clocks of the one who signs and of the one who verifies may differ by so much.
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_LOGGED_CLAIM = 200;

/**
 * Makes the verifier of access tokens. The algorithm is pinned to the kind of key: asymmetric tokens by the published
 * keys, HS256 only where a legacy secret was configured.
 */
export function createTokenVerifier(o: {
  issuer: string;
  keys: { jwks: JSONWebKeySet } | { jwksUrl: string };
  legacySecret: string | null;
}): VerifyToken {
  const keySet: JWTVerifyGetKey =
    'jwks' in o.keys ? createLocalJWKSet(o.keys.jwks) : createRemoteKeySet(o.keys.jwksUrl);
  const secret = o.legacySecret === null ? null : new TextEncoder().encode(o.legacySecret);
  const checks = {
    issuer: o.issuer,
    audience: 'authenticated',
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };

  return async (authorization) => {
    const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? [];
    if (!token) {
      throw authorization
        ? new ApiError(401, 'TOKEN_INVALID', 'The access token is not valid. Sign in again.')
        : new ApiError(
            401,
            'TOKEN_MISSING',
            'Sign in first: this needs an access token in the Authorization header.',
          );
    }
    try {
      const { payload } = await (secret && isSymmetric(token)
        ? jwtVerify(token, secret, { ...checks, algorithms: ['HS256'] })
        : jwtVerify(token, keySet, { ...checks, algorithms: ['ES256', 'RS256'] }));
      const claims = claimsSchema.parse(payload);
      return {
        userId: claims.sub,
        sessionId: claims.session_id,
        claims: JSON.parse(JSON.stringify(claims)),
        expiresAt: claims.exp * 1000,
      };
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) {
        throw new ApiError(401, 'TOKEN_EXPIRED', 'The access token has expired. Sign in again.', { cause });
      }
      if (cause instanceof KeysUnavailableError) {
        throw new ApiError(
          503,
          'SIGN_IN_UNAVAILABLE',
          'Sign-in cannot be checked at the moment. Please try again.',
          { cause },
        );
      }
      throw new ApiError(401, 'TOKEN_INVALID', 'The access token is not valid. Sign in again.', {
        cause: new Error(describeRefusal(cause, { ...checks, hasSecret: secret !== null }), { cause }),
      });
    }
  };
}

/** Why a token was refused, for the log: what was expected and what came. */
function describeRefusal(
  cause: unknown,
  expected: { issuer: string; audience: string; hasSecret: boolean },
): string {
  if (cause instanceof errors.JWTClaimValidationFailed) {
    const { claim, payload } = cause;
    const wanted = { iss: expected.issuer, aud: expected.audience }[claim];
    const got = JSON.stringify(payload[claim] ?? null).slice(0, MAX_LOGGED_CLAIM);
    return wanted ? `"${claim}" is ${got}; expected ${JSON.stringify(wanted)}` : cause.message;
  }
  if (cause instanceof errors.JOSEAlgNotAllowed && !expected.hasSecret) {
    return `${cause.message}; if the project signs with its legacy secret, set SUPABASE_JWT_SECRET`;
  }
  if (cause instanceof z.ZodError)
    return cause.issues.map((i) => `"${i.path.join('.')}": ${i.message}`).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function isSymmetric(token: string): boolean {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).alg === 'HS256';
  } catch {
    return false;
  }
}
