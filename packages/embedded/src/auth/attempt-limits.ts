import type { FastifyInstance, FastifyRequest } from 'fastify';

import { AuthError } from './auth-error.ts';

/** How often somebody may try. Each throws {@link AuthError} over_request_rate_limit. */
export type AttemptLimits = {
  /** Before a password is looked at: too many tries from this address, or wrong ones for this account. */
  checkSignIn(request: FastifyRequest, email: string): Promise<void>;
  /** After a wrong password. */
  countWrongPassword(request: FastifyRequest, email: string): Promise<void>;
  checkRefresh(request: FastifyRequest): Promise<void>;
  checkSignUp(request: FastifyRequest): Promise<void>;
};

/**
 * Limits that know no accounts, only what was asked: an existing e-mail and an invented one are stopped alike.
 * Right passwords do not count against the account, so nobody is locked out by signing in.
 */
export function createAttemptLimits(app: FastifyInstance, wrongPasswordsPerMinute: number): AttemptLimits {
  const perMinute = (max: number) => app.createRateLimit({ max, timeWindow: '1 minute' });
  const signIns = perMinute(wrongPasswordsPerMinute * 10);
  const refreshes = perMinute(300);
  const signUps = app.createRateLimit({ max: 30, timeWindow: '5 minutes' });

  const emails = new WeakMap<FastifyRequest, string>();
  const wrongPasswords = app.createRateLimit({
    max: wrongPasswordsPerMinute,
    timeWindow: '1 minute',
    keyGenerator: (request) => `${request.ip} ${emails.get(request)}`,
  });
  const rememberEmail = (request: FastifyRequest, email: string) =>
    emails.set(request, email.trim().toLowerCase());

  return {
    async checkSignIn(request, email) {
      await stopIfExceeded(signIns(request));
      rememberEmail(request, email);
      const limit = await wrongPasswords(request, { increment: false });
      if (!limit.isAllowed && limit.remaining === 0) throw tooMany(limit.ttlInSeconds);
    },
    async countWrongPassword(request, email) {
      rememberEmail(request, email);
      await wrongPasswords(request);
    },
    checkRefresh: (request) => stopIfExceeded(refreshes(request)),
    checkSignUp: (request) => stopIfExceeded(signUps(request)),
  };
}

async function stopIfExceeded(checked: ReturnType<ReturnType<FastifyInstance['createRateLimit']>>) {
  const limit = await checked;
  if (!limit.isAllowed && limit.isExceeded) throw tooMany(limit.ttlInSeconds);
}

function tooMany(seconds: number): AuthError {
  return new AuthError(
    429,
    'over_request_rate_limit',
    'Too many attempts. Wait a minute and try again.',
    Math.max(1, seconds),
  );
}
