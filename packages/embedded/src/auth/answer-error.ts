import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import pg from 'pg';
import { ZodError } from 'zod';

import { AuthError } from './auth-error.ts';
import { isDatabaseAway } from './is-database-away.ts';

/** What a client waits before it tries again while the database is away. */
const RETRY_AFTER_SECONDS = 2;

/** Answers a refusal or failure as Supabase Auth does: `{ code, error_code, msg }`. */
export function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = toAuthError(error);
  if (known.status >= 500) request.log.error({ err: error }, 'sign-in failed');
  if (known.retryAfterSeconds !== null) reply.header('retry-after', known.retryAfterSeconds);
  return reply
    .code(known.status)
    .send({ code: known.status, error_code: known.errorCode, msg: known.message });
}

function toAuthError(error: FastifyError | Error): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof ZodError) return refusedBecause(error);
  if (isDatabaseAway(error)) return databaseAway();
  if (error instanceof pg.DatabaseError) return refusedByDatabase(error);
  if ('statusCode' in error && error.statusCode && error.statusCode < 500) {
    return new AuthError(error.statusCode, 'bad_json', 'The request could not be read.');
  }
  return unexpected();
}

function refusedBecause({ issues: [issue] }: ZodError): AuthError {
  const where = issue?.path.join('.') || 'request';
  return new AuthError(400, 'validation_failed', `${where}: ${issue?.message ?? 'invalid'}`);
}

function refusedByDatabase({ code = '' }: pg.DatabaseError): AuthError {
  if (code === '23505') return new AuthError(422, 'email_exists', 'This e-mail address is taken');
  if (code === '23514') return new AuthError(400, 'validation_failed', 'The metadata is too large');
  // Class 22: data that cannot be stored, such as a zero byte in a text or a ban of no length.
  if (code.startsWith('22')) {
    return new AuthError(400, 'validation_failed', 'The request holds a value that cannot be stored');
  }
  return unexpected();
}

/** supabase-js keeps the session and tries again on a 503. */
function databaseAway(): AuthError {
  return new AuthError(
    503,
    'database_unavailable',
    'The database does not answer at the moment. Please try again shortly.',
    RETRY_AFTER_SECONDS,
  );
}

function unexpected(): AuthError {
  return new AuthError(
    500,
    'unexpected_failure',
    'Sign-in is not available at the moment. Please try again.',
  );
}
