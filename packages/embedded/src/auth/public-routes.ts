import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthDeps } from './auth-deps.ts';
import { AuthError } from './auth-error.ts';
import { metadata } from './metadata.ts';
import { checkPassword } from './passwords/check-password.ts';
import { checkNewPassword } from './passwords/hash-password.ts';
import { refreshSession } from './refresh-session.ts';
import { openSession } from './sessions.ts';
import { createUser, type UserRow } from './users.ts';

const credentials = z.object({ email: z.email().max(255), password: z.string().max(1000) });
const signUp = credentials.extend({ data: metadata.optional() });
const refresh = z.object({ refresh_token: z.string().max(255) });
const grant = z.object({ grant_type: z.string() });

/** Sign-up, sign-in and refresh: what needs no session. */
export function registerPublicRoutes(app: FastifyInstance, deps: AuthDeps): void {
  const { pool, limits, threads, isSignUpOpen, ...settings } = deps;

  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=600').send(settings.signingKey.jwks),
  );
  app.get('/health', () => ({ name: 'Gantry embedded sign-in', version: '1' }));
  app.get('/settings', () => ({
    external: { email: true },
    disable_signup: !isSignUpOpen,
    mailer_autoconfirm: true,
  }));

  app.post('/signup', async (request) => {
    if (!isSignUpOpen) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance');
    await limits.checkSignUp(request);
    const { email, password, data } = signUp.parse(request.body);
    checkNewPassword(password);
    const passwordHash = await threads.takeTurn(request, () => threads.hash(password));
    const user = await createUser(pool, { email, passwordHash, appMetadata: {}, userMetadata: data ?? {} });
    return openSession(pool, user, settings);
  });

  app.post('/token', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    switch (grant.parse(request.query).grant_type) {
      case 'password': {
        const given = credentials.parse(request.body);
        // Within one turn, so that guesses sent at once are counted one by one.
        const user = await threads.takeTurn(request, () => signIn(request, given));
        return openSession(pool, user, settings);
      }
      case 'refresh_token':
        await limits.checkRefresh(request);
        return refreshSession(pool, refresh.parse(request.body).refresh_token, settings);
      default:
        throw new AuthError(400, 'validation_failed', 'unsupported_grant_type');
    }
  });

  async function signIn(request: FastifyRequest, given: z.output<typeof credentials>): Promise<UserRow> {
    const { email } = given;
    await limits.checkSignIn(request, email);
    try {
      const user = await checkPassword(pool, threads, given);
      limits.rememberClient(request, email);
      return user;
    } catch (error) {
      if (error instanceof AuthError) await limits.countWrongPassword(request, email);
      throw error;
    }
  }
}
