import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyError, FastifyInstance } from 'fastify';
import pg from 'pg';
import { ZodError } from 'zod';

import { registerAdminRoutes } from './admin-routes.ts';
import { AuthError } from './auth-error.ts';
import { registerPublicRoutes } from './public-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import type { TokenSettings } from './sessions.ts';

/** How the sign-in surface is mounted. */
export type AuthOptions = TokenSettings & {
  /** URL of the role that owns the schema `auth` ({@link EmbeddedDatabase.authDatabaseUrl}). */
  databaseUrl: string;
  /** The service key that `supabase.auth.admin` needs. */
  secretKey: string;
  /** Whether anybody may make an account. */
  isSignUpOpen: boolean;
  /** Origins of browsers other than our own that may call. */
  corsOrigins?: string[];
  /** Password attempts per address and account in a minute. */
  signInsPerMinute?: number;
};

/** What the routes need. */
export type AuthDeps = TokenSettings & {
  pool: pg.Pool;
  secretKey: string;
  isSignUpOpen: boolean;
  signInsPerMinute: number;
};

/**
 * Mounts the HTTP surface of Supabase Auth that an unchanged supabase-js calls. Register it under `/auth/v1`:
 *
 * @example
 * await app.register(registerAuth, { prefix: '/auth/v1', databaseUrl, signingKey, issuer, secretKey, isSignUpOpen: true });
 */
export async function registerAuth(app: FastifyInstance, options: AuthOptions): Promise<void> {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: 4,
    application_name: 'gantry-auth',
  });
  // An idle connection that breaks is replaced at the next query, which then reports what is wrong.
  pool.on('error', (error) => app.log.warn({ error }, 'a connection of the sign-in broke'));
  app.addHook('onClose', () => pool.end());

  await app.register(cors, {
    origin: options.corsOrigins ?? false,
    allowedHeaders: ['apikey', 'authorization', 'content-type', 'x-client-info', 'x-supabase-api-version'],
  });
  await app.register(rateLimit, {
    global: false,
    hook: 'preHandler',
    errorResponseBuilder: () =>
      new AuthError(429, 'over_request_rate_limit', 'Too many attempts. Wait a minute and try again.'),
  });
  app.setErrorHandler(answerError);
  // supabase-js names a JSON body where it sends none.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, {});
    return app.getDefaultJsonParser('error', 'error')(_request, String(body), done);
  });

  const deps: AuthDeps = {
    pool,
    signingKey: options.signingKey,
    issuer: options.issuer,
    secretKey: options.secretKey,
    isSignUpOpen: options.isSignUpOpen,
    signInsPerMinute: options.signInsPerMinute ?? 10,
  };
  registerPublicRoutes(app, deps);
  registerSessionRoutes(app, deps);
  await app.register(async (admin) => registerAdminRoutes(admin, deps), { prefix: '/admin' });
}

function answerError(
  this: FastifyInstance,
  error: FastifyError | AuthError | ZodError,
  request: { log: { error(o: object, message: string): void } },
  reply: { code(status: number): { send(body: object): unknown } },
): unknown {
  const known = toAuthError(error);
  if (known.status >= 500) request.log.error({ error }, 'sign-in failed');
  return reply
    .code(known.status)
    .send({ code: known.status, error_code: known.errorCode, msg: known.message });
}

function toAuthError(error: FastifyError | AuthError | ZodError): AuthError {
  if (error instanceof AuthError) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return new AuthError(
      400,
      'validation_failed',
      `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'invalid'}`,
    );
  }
  if ('statusCode' in error && error.statusCode && error.statusCode < 500) {
    return new AuthError(error.statusCode, 'bad_json', 'The request could not be read.');
  }
  return new AuthError(
    500,
    'unexpected_failure',
    'Sign-in is not available at the moment. Please try again.',
  );
}
