import { join } from 'node:path';

import { checkProject } from '@gantry/backend';
import {
  checkDatabase,
  createDirectoryStorage,
  createServicePool,
  createSubmitter,
  createSupabaseStorage,
  DEFAULTS,
  EventHub,
  startMaintenance,
  startScheduler,
} from '@gantry/core';
import { loadSigningKey, openEmbedded } from '@gantry/embedded';
import { SheetPool } from '@gantry/sheet/pool';

import { createApi } from './app.ts';
import { checkKeys, jwksUrlOf } from './auth/remote-key-set.ts';
import { createTokenVerifier } from './auth/verify-token.ts';
import { type Config, readConfig, type SupabaseSettings } from './config/config.ts';
import { UserLimits } from './procedures/user-limits.ts';
import { stopOnSignal } from './stop-on-signal.ts';

// More than one, so that a user whose files take long has no way to use all of them.
const SHEET_THREADS = 3;

try {
  await run(readConfig(process.env));
} catch (error) {
  process.stderr.write(`gantry api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(config: Config): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const stopping = new AbortController();
  const { supabase } = config;
  const embedded = supabase ? null : stack.use(await openEmbedded(config));
  const databaseUrl = supabase?.databaseUrl ?? embedded?.databaseUrl ?? '';
  const warnings = supabase ? await checkProjectOf(config, supabase) : [];
  const signingKey = supabase ? null : await loadSigningKey(config.dataDir);
  const issuer = supabase?.jwtIssuer ?? 'gantry-embedded';

  const pool = stack.adopt(
    createServicePool({
      databaseUrl,
      applicationName: 'gantry-api',
      max: config.databasePoolSize,
      lockTimeoutMs: DEFAULTS.lockTimeoutMs,
    }),
    (p) => p.end(),
  );
  const hub = stack.use(
    await EventHub.start({
      databaseUrl,
      applicationName: 'gantry-api-listen',
      db: pool,
      pollIntervalMs: config.pollIntervalMs,
    }),
  );
  const storage = supabase
    ? createSupabaseStorage({ ...supabase, db: pool })
    : createDirectoryStorage({ directory: join(config.dataDir, 'storage') });

  const app = await createApi(
    {
      config,
      pool,
      hub,
      storage,
      verifyToken: createTokenVerifier({
        issuer,
        keys: signingKey ? { jwks: signingKey.jwks } : { jwksUrl: jwksUrlOf(supabase?.url ?? '') },
        legacySecret: supabase?.jwtSecret ?? null,
      }),
      submitJob: createSubmitter(pool, config),
      sheets: stack.use(new SheetPool({ threads: SHEET_THREADS })),
      userLimits: new UserLimits(),
      stopping: stopping.signal,
      hasDemoAccounts: embedded?.hasDemoAccounts ?? false,
    },
    embedded && signingKey
      ? {
          databaseUrl: embedded.authDatabaseUrl,
          signingKey,
          issuer,
          secretKey: signingKey.serviceKey,
          isSignUpOpen: config.allowSignUp,
          corsOrigins: config.corsOrigins,
        }
      : null,
  );
  for (const warning of warnings) app.log.warn(warning);
  stack.use(
    startMaintenance({
      db: pool,
      storage,
      resultTtlMs: config.resultTtlMs,
      onError: (err) => app.log.error({ err }, 'maintenance failed'),
    }),
  );
  stack.use(
    startScheduler({
      pool,
      maxUnfinishedJobs: config.maxUnfinishedJobs,
      onError: (err) => app.log.error({ err }, 'schedules could not be fired'),
    }),
  );
  stack.defer(() => app.close());
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(
        `PORT: ${config.port} is in use on ${config.host}. Stop what uses it, or set PORT to another.`,
        { cause: error },
      );
    }
    throw error;
  }
  // Tells the parent process that the API answers.
  process.send?.('ready');
  await stopOnSignal();
  // Streams end first; their clients come back elsewhere. Then the server waits for what is in flight.
  stopping.abort();
}

/** What is not right with a project, as sentences for the log. @throws {Error} for what cannot work */
async function checkProjectOf(config: Config, supabase: SupabaseSettings): Promise<string[]> {
  const warnings = await Promise.all([
    checkDatabase(supabase.databaseUrl, config.migrationsDir),
    checkProject(supabase),
    checkKeys(supabase),
  ]);
  return warnings.flat();
}
