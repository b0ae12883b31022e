import bcrypt from 'bcryptjs';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { AuthError } from './auth-error.ts';
import type { AuthDeps } from './register-auth.ts';
import { isBanned, openSession, refreshSession } from './sessions.ts';
import { createUser, findUserByEmail } from './users.ts';

const credentials = z.object({ email: z.email().max(255), password: z.string().max(1000) });
const signUp = credentials.extend({ data: z.record(z.string(), z.json()).optional() });
const refresh = z.object({ refresh_token: z.string().max(255) });
// Compared against when there is no such account, so that both answers take as long.
const NOBODYS_HASH = bcrypt.hashSync('no password matches this', 10);

/** Sign-up, sign-in and refresh: what somebody without a session may call. */
export function registerPublicRoutes(app: FastifyInstance, deps: AuthDeps): void {
  const { pool, isSignUpOpen, ...settings } = deps;

  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=600').send(settings.signingKey.jwks),
  );
  app.get('/health', () => ({ name: 'Gantry embedded sign-in', version: '1' }));
  app.get('/settings', () => ({
    external: { email: true },
    disable_signup: !isSignUpOpen,
    mailer_autoconfirm: true,
  }));

  app.post('/signup', { config: { rateLimit: { max: 30, timeWindow: '5 minutes' } } }, async (request) => {
    if (!isSignUpOpen) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance');
    const { email, password, data } = signUp.parse(request.body);
    const user = await createUser(pool, { email, password, appMetadata: {}, userMetadata: data ?? {} });
    return openSession(pool, user, settings);
  });

  app.post(
    '/token',
    {
      config: { rateLimit: { max: deps.signInsPerMinute, timeWindow: '1 minute', keyGenerator: signInKey } },
    },
    async (request) => {
      const { grant_type: grantType } = z.object({ grant_type: z.string() }).parse(request.query);
      if (grantType === 'refresh_token') {
        return refreshSession(pool, refresh.parse(request.body).refresh_token, settings);
      }
      if (grantType !== 'password') {
        throw new AuthError(400, 'validation_failed', 'unsupported_grant_type');
      }
      const { email, password } = credentials.parse(request.body);
      const user = await findUserByEmail(pool, email);
      const isMatch = await bcrypt.compare(password, user?.encrypted_password ?? NOBODYS_HASH);
      if (!user || !isMatch) throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
      if (isBanned(user)) throw new AuthError(400, 'user_banned', 'User is banned');
      return openSession(pool, user, settings);
    },
  );
}

/** Counts guesses by address and account; refreshes, which guess nothing, by address alone. */
function signInKey(request: { ip: string; body?: unknown }): string {
  const parsed = z.object({ email: z.string() }).safeParse(request.body);
  return parsed.success ? `${request.ip} ${parsed.data.email.trim().toLowerCase()}` : request.ip;
}
