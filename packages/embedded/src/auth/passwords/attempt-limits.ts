import type { FastifyInstance, FastifyRequest } from 'fastify';

import { AuthError } from '../auth-error.ts';
import { clientOf } from './client-of.ts';

/** How often a client may try. Each throws {@link AuthError} over_request_rate_limit. */
export type AttemptLimits = {
  /** Before a password is looked at: too many tries by this client, or wrong ones for this account. */
  checkSignIn(request: FastifyRequest, email: string): Promise<void>;
  /** After a wrong password. */
  countWrongPassword(request: FastifyRequest, email: string): Promise<void>;
  /** After a right one: from now on the wrong ones of other clients do not count against this client. */
  rememberClient(request: FastifyRequest, email: string): void;
  checkRefresh(request: FastifyRequest): Promise<void>;
  /** Before the account of a token is read. */
  checkRead(request: FastifyRequest): Promise<void>;
  checkSignUp(request: FastifyRequest): Promise<void>;
  /** Before a password is changed: too often for this account, or by this client. */
  checkPasswordChange(request: FastifyRequest, userId: string): Promise<void>;
  /** Before an admin sets a password. */
  checkAdminChange(request: FastifyRequest): Promise<void>;
};

/** For so many accounts it is remembered which clients have signed in to them. */
const MAX_REMEMBERED = 10_000;

/**
 * Limits that know no accounts, only what was asked: an existing e-mail and an invented one are stopped alike. Right
 * passwords do not count, so signing in locks no one out. All wrong passwords for an account together have a limit too,
 * for those who guess from many addresses; it holds for clients that have not signed in to it, so guessing does not keep
 * its owner out where they usually are.
 */
export function createAttemptLimits(app: FastifyInstance, wrongPasswordsPerMinute: number): AttemptLimits {
  const accounts = new WeakMap<FastifyRequest, string>();
  const remembered = new Set<string>();
  const limit = (max: number, timeWindow: string, keyGenerator: (request: FastifyRequest) => string) =>
    app.createRateLimit({ max, timeWindow, keyGenerator });
  const accountOf = (request: FastifyRequest) => accounts.get(request) ?? '';
  const pairOf = (request: FastifyRequest) => `${clientOf(request)} ${accountOf(request)}`;

  const signIns = limit(wrongPasswordsPerMinute * 10, '1 minute', clientOf);
  const refreshes = limit(300, '1 minute', clientOf);
  const reads = limit(300, '1 minute', clientOf);
  const signUps = limit(30, '5 minutes', clientOf);
  const wrongPasswords = limit(wrongPasswordsPerMinute, '1 minute', pairOf);
  const guesses = limit(wrongPasswordsPerMinute * 10, '10 minutes', accountOf);
  const changes = limit(wrongPasswordsPerMinute, '1 minute', accountOf);
  const changesByClient = limit(wrongPasswordsPerMinute * 5, '1 minute', clientOf);
  const adminChanges = limit(600, '1 minute', clientOf);

  return {
    async checkSignIn(request, email) {
      await count(signIns(request));
      accounts.set(request, normalise(email));
      await look(wrongPasswords(request, { increment: false }));
      if (!remembered.has(pairOf(request))) await look(guesses(request, { increment: false }));
    },
    async countWrongPassword(request, email) {
      accounts.set(request, normalise(email));
      await wrongPasswords(request);
      if (!remembered.has(pairOf(request))) await guesses(request);
    },
    rememberClient(request, email) {
      accounts.set(request, normalise(email));
      const pair = pairOf(request);
      // The one that was longest away goes first.
      remembered.delete(pair);
      remembered.add(pair);
      const [oldest] = remembered;
      if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    },
    checkRefresh: (request) => count(refreshes(request)),
    checkRead: (request) => count(reads(request)),
    checkSignUp: (request) => count(signUps(request)),
    async checkPasswordChange(request, userId) {
      accounts.set(request, userId);
      await count(changesByClient(request));
      await count(changes(request));
    },
    checkAdminChange: (request) => count(adminChanges(request)),
  };
}

function normalise(email: string): string {
  return email.trim().toLowerCase();
}

type Checked = ReturnType<ReturnType<FastifyInstance['createRateLimit']>>;

/** Refuses what is one too many. */
async function count(checked: Checked): Promise<void> {
  const limit = await checked;
  if (!limit.isAllowed && limit.isExceeded) throw tooMany(limit.ttlInSeconds);
}

/** Refuses while nothing is left, without counting. */
async function look(checked: Checked): Promise<void> {
  const limit = await checked;
  if (!limit.isAllowed && limit.remaining === 0) throw tooMany(limit.ttlInSeconds);
}

function tooMany(seconds: number): AuthError {
  return new AuthError(
    429,
    'over_request_rate_limit',
    'Too many attempts. Wait a minute and try again.',
    Math.max(1, seconds),
  );
}
