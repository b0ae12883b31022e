import type pg from 'pg';

import type { AttemptLimits } from './passwords/attempt-limits.ts';
import type { PasswordThreads } from './passwords/password-threads.ts';
import type { TokenSettings } from './sign-session.ts';

/** What the routes need. */
export type AuthDeps = TokenSettings & {
  pool: pg.Pool;
  limits: AttemptLimits;
  threads: PasswordThreads;
  secretKey: string;
  isSignUpOpen: boolean;
};
