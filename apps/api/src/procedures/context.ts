import type { createSubmitter, EventHub, Storage } from '@gantry/core';
import type { SheetPool } from '@gantry/sheet/pool';
import type pg from 'pg';

import type { Caller, VerifyToken } from '../auth/verify-token.ts';
import type { Config } from '../config/config.ts';
import type { UserLimits } from './user-limits.ts';

/** What the API is made of. */
export type ApiDeps = {
  config: Config;
  /** Acts as the service role. */
  pool: pg.Pool;
  hub: EventHub;
  storage: Storage;
  verifyToken: VerifyToken;
  submitJob: ReturnType<typeof createSubmitter>;
  sheets: SheetPool;
  userLimits: UserLimits;
  /** Aborted when the API is about to stop: streams end, clients come back to another. */
  stopping: AbortSignal;
  /** Whether people can sign in with the demo accounts. */
  hasDemoAccounts: boolean;
};

/** What a procedure gets. */
export type Context = {
  deps: ApiDeps;
  requestId: string;
  /** Who sent the request. @throws {ApiError} 401 */
  identify: () => Promise<Caller>;
};

/** What a procedure gets once the token was verified. */
export type UserContext = Context & { caller: Caller };
