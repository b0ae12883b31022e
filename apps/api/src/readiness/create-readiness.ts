import { checkAuth } from '@gantry/backend';
import { canWrite, checkDatabase, hasServices } from '@gantry/core';

import { checkKeys } from '../auth/remote-key-set.ts';
import type { Config } from '../config/config.ts';
import type { ApiDeps } from '../procedures/context.ts';
import { keepCheck } from './kept-check.ts';

const TIMEOUT_MS = 5_000;
/** A probe of the storage writes a file: anybody may ask, but not the disk each time. */
const KEEP_STORAGE_MS = 5_000;
/** The schema is looked at over connections of its own, and the project belongs to others. */
const KEEP_PROJECT_MS = 30_000;

/** Whether this API can take submissions, and which of its conditions hold. */
export type Readiness = { isReady: boolean; checks: Record<string, boolean> };

/**
 * Makes the check of what a submission needs. A load balancer sends requests to this process while all of it holds. What is
 * `shown` only takes no process out of service: without notifications the fallback poll finds every change, and while the
 * sign-in of a project does not answer, its known keys are still trusted.
 */
export function createReadiness(deps: ApiDeps): () => Promise<Readiness> {
  const keep = (check: () => Promise<unknown>, keepMs: number) =>
    keepCheck(check, { keepMs, timeoutMs: TIMEOUT_MS });
  const required = {
    // One at a time, however many ask: each takes a connection.
    database: keep(() => canWrite(deps.pool), 0),
    services: keep(() => hasServices(deps.pool), 0),
    storage: keep(() => deps.storage.check(), KEEP_STORAGE_MS),
  };
  const shown = Object.fromEntries(
    Object.entries(partsOfProject(deps.config)).map(([name, check]) => [name, keep(check, KEEP_PROJECT_MS)]),
  );
  return async () => {
    const [needed, others] = await Promise.all([runAll(required), runAll(shown)]);
    const isReady = Object.values(needed).every(Boolean) && !deps.stopping.aborted;
    return { isReady, checks: { ...needed, notifications: deps.hub.isConnected, ...others } };
  };
}

/** Of a Supabase project: its migrations, its publishable key and the keys of its tokens. The secret key and the bucket are `storage`. */
function partsOfProject({ supabase, migrationsDir }: Config): Record<string, () => Promise<unknown>> {
  if (!supabase) return {};
  return {
    schema: () => checkDatabase(supabase.databaseUrl, migrationsDir),
    signIn: async () => (await checkAuth(supabase, supabase.publishableKey)) === null,
    signingKeys: async () => (await checkKeys(supabase)).length === 0,
  };
}

async function runAll(checks: Record<string, () => Promise<boolean>>): Promise<Record<string, boolean>> {
  const run = async ([name, check]: [string, () => Promise<boolean>]) => [name, await check()] as const;
  return Object.fromEntries(await Promise.all(Object.entries(checks).map(run)));
}
