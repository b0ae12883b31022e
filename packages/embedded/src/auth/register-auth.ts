import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';

import { registerAdminRoutes } from './admin-routes.ts';
import { answerError } from './answer-error.ts';
import type { AuthDeps } from './auth-deps.ts';
import { AuthError } from './auth-error.ts';
import { createAttemptLimits } from './passwords/attempt-limits.ts';
import { PasswordThreads } from './passwords/password-threads.ts';
import { registerPublicRoutes } from './public-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import type { TokenSettings } from './sign-session.ts';

const STATEMENT_TIMEOUT_MS = 25_000;
const LOCK_TIMEOUT_MS = 5_000;

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
  /** Wrong passwords that an address may send for one account in a minute; ten times as many sign-ins in all. */
  signInsPerMinute?: number;
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
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced at the next query, which then reports what is wrong.
  pool.on('error', (err) => app.log.warn({ err }, 'a connection of the sign-in broke'));
  const threads = new PasswordThreads();
  app.addHook('onClose', async () => {
    await threads[Symbol.asyncDispose]();
    await pool.end();
  });

  await app.register(cors, {
    origin: options.corsOrigins ?? false,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['apikey', 'authorization', 'content-type', 'x-client-info', 'x-supabase-api-version'],
    exposedHeaders: ['link', 'retry-after', 'x-total-count'],
    maxAge: 600,
  });
  await app.register(rateLimit, { global: false });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(() => {
    throw new AuthError(404, 'not_found', 'The embedded sign-in has e-mail and password only.');
  });
  readEmptyBodies(app);

  const { signingKey, issuer, secretKey, isSignUpOpen } = options;
  const limits = createAttemptLimits(app, options.signInsPerMinute ?? 10);
  const deps: AuthDeps = { pool, limits, threads, signingKey, issuer, secretKey, isSignUpOpen };
  registerPublicRoutes(app, deps);
  registerSessionRoutes(app, deps);
  await app.register(async (admin) => registerAdminRoutes(admin, deps), { prefix: '/admin' });
}

/** supabase-js names a JSON body where it sends none. */
function readEmptyBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, {});
    return parseJson(request, String(body), done);
  });
}
