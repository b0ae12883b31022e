import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { TraceMode } from '@gantry/automations';
import { type ProjectSettings, readProject } from '@gantry/backend';
import { DEFAULTS } from '@gantry/core';
import { z } from 'zod';

const ms = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual);

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

const schema = z
  .object({
    GANTRY_DATA_DIR: z.string().min(1).default('.gantry'),
    HOST: z.string().min(1).default('127.0.0.1'),
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
    ALLOWED_HOSTS: list,
    TRUSTED_PROXIES: list,
    DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).optional(),
    CHROME_PATH: z.string().min(1).optional(),
    BROWSER_WS_ENDPOINT: z.url({ protocol: /^wss?$/ }).optional(),
    BROWSER_ROOT_DIR: z.string().min(1).default(tmpdir()),
    WARM_BROWSERS: z.coerce.number().int().min(0).max(100).optional(),
    BROWSER_LAUNCH_TIMEOUT_MS: ms(1_000, 600_000, 30_000),
    BROWSER_IDLE_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(86_400_000).optional(),
    BROWSER_MAX_MEMORY_BYTES: z.coerce.number().int().min(100_000_000).default(4_000_000_000),
    BROWSER_MAX_DISK_BYTES: z.coerce.number().int().min(50_000_000).default(5_000_000_000),
    BROWSER_MAX_TRANSFER_BYTES: z.coerce.number().int().min(1).default(5_000_000_000),
    BROWSER_MAX_REQUESTS: z.coerce.number().int().min(1).default(200_000),
    WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(1),
    WORKER_QUEUES: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean),
      )
      .refine((names) => names.every((name) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(name)), {
        message: 'must be names of queues with commas between them; leave it out for all queues',
      }),
    POLL_INTERVAL_MS: ms(100, 60_000, DEFAULTS.pollIntervalMs),
    HEARTBEAT_INTERVAL_MS: ms(100, 60_000, DEFAULTS.heartbeatIntervalMs),
    LEASE_MS: ms(1_000, 3_600_000, DEFAULTS.leaseMs),
    STUCK_AFTER_MS: ms(1_000, 86_400_000, DEFAULTS.stuckAfterMs),
    JOB_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(86_400_000).optional(),
    TRACE: z.enum(['off', 'on-failure', 'always']).optional(),
    DRAIN_TIMEOUT_MS: ms(0, 3_600_000, 25_000),
    BACKOFF_MS: ms(0, 3_600_000, DEFAULTS.backoffMs),
    MAX_STORAGE_BYTES_PER_USER: z.coerce.number().int().min(1).max(1e15).default(1_000_000_000),
    MAX_UNFINISHED_JOBS_PER_USER: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
    RESULT_TTL_DAYS: z.coerce.number().min(0.001).max(3650).default(7),
    CTG_PORT_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://cpatos.gov.bd/pcs/'),
    CTG_PORT_PAUSE_MS: ms(0, 60_000, 1_000),
    CTG_PORT_TIMEOUT_MS: ms(100, 600_000, 60_000),
    ALLOW_PRIVATE_ORIGINS: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((origin) => origin.trim())
          .filter(Boolean),
      )
      .pipe(
        z.array(
          z.url({ protocol: /^https?$/, error: 'each must be an origin, such as http://10.0.0.5:8080' }),
        ),
      ),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  })
  .refine((env) => env.HEARTBEAT_INTERVAL_MS * 2 <= env.LEASE_MS, {
    path: ['LEASE_MS'],
    message: 'must be at least twice HEARTBEAT_INTERVAL_MS, or one late heartbeat loses every job',
  });

/** The settings of a worker. Periods in milliseconds. */
export type Config = {
  dataDir: string;
  /** Where people reach the API: the embedded mode has demo accounts only where that is this machine alone. */
  host: string;
  publicUrl: string | null;
  allowedHosts: string[];
  trustedProxies: string[];
  /** Null: the embedded mode. */
  supabase: ProjectSettings | null;
  /** Connections of the pool; one more listens, and two are for heartbeats. */
  databasePoolSize: number;
  chromePath: string | undefined;
  /** Where browsers have their directories. A short path, since it contains sockets. */
  browserRootDir: string;
  browser: {
    /** Where browsers run, if not on this machine. May hold a secret. */
    endpoint: string | undefined;
    /** How many are kept launched ahead. */
    warmBrowsers: number;
    launchTimeoutMs: number;
    /** How long a run may ask nothing of its browser; undefined: for ever. */
    idleTimeoutMs: number | undefined;
    /** What the whole tree of one job may use. */
    maxMemoryBytes: number;
    /** What the browser of one job may store. */
    maxDiskBytes: number;
    /** What the pages of one job may transfer, where the service does not say itself. */
    maxTransferBytes: number;
    maxRequests: number;
  };
  concurrency: number;
  /** The queues that it takes jobs from; undefined for all. */
  queues: string[] | undefined;
  pollIntervalMs: number;
  heartbeatIntervalMs: number;
  leaseMs: number;
  stuckAfterMs: number;
  /** Instead of the services' own, when set. */
  jobTimeoutMs: number | undefined;
  /** Instead of the services' own, when set. */
  trace: TraceMode | undefined;
  drainTimeoutMs: number;
  backoffMs: number;
  resultTtlMs: number;
  /** How many unfinished jobs a user may have: schedules submit jobs here too. */
  maxUnfinishedJobs: number;
  /** How many bytes a user may store. */
  maxStorageBytes: number;
  ctgPort: { baseUrl: string; pauseMs: number; pageTimeoutMs: number };
  allowPrivateOrigins: string[];
  logLevel: string;
  migrationsDir: string;
};

/** Reads the environment. @throws {Error} with one line that names the variable */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${String(issue?.path[0] ?? 'The environment')}: ${issue?.message ?? 'is wrong'}`);
  }
  const { data } = parsed;
  const root = join(import.meta.dirname, '../../..');
  return {
    dataDir: resolve(root, data.GANTRY_DATA_DIR),
    host: data.HOST,
    publicUrl: data.PUBLIC_URL ?? null,
    allowedHosts: data.ALLOWED_HOSTS,
    trustedProxies: data.TRUSTED_PROXIES,
    supabase: readProject(env),
    databasePoolSize: data.DATABASE_POOL_SIZE ?? data.WORKER_CONCURRENCY + 2,
    chromePath: data.CHROME_PATH,
    browserRootDir: resolve(root, data.BROWSER_ROOT_DIR),
    browser: {
      endpoint: data.BROWSER_WS_ENDPOINT,
      warmBrowsers: data.WARM_BROWSERS ?? data.WORKER_CONCURRENCY,
      launchTimeoutMs: data.BROWSER_LAUNCH_TIMEOUT_MS,
      idleTimeoutMs: data.BROWSER_IDLE_TIMEOUT_MS,
      maxMemoryBytes: data.BROWSER_MAX_MEMORY_BYTES,
      maxDiskBytes: data.BROWSER_MAX_DISK_BYTES,
      maxTransferBytes: data.BROWSER_MAX_TRANSFER_BYTES,
      maxRequests: data.BROWSER_MAX_REQUESTS,
    },
    concurrency: data.WORKER_CONCURRENCY,
    queues: data.WORKER_QUEUES.length > 0 ? data.WORKER_QUEUES : undefined,
    pollIntervalMs: data.POLL_INTERVAL_MS,
    heartbeatIntervalMs: data.HEARTBEAT_INTERVAL_MS,
    leaseMs: data.LEASE_MS,
    stuckAfterMs: data.STUCK_AFTER_MS,
    jobTimeoutMs: data.JOB_TIMEOUT_MS,
    trace: data.TRACE,
    drainTimeoutMs: data.DRAIN_TIMEOUT_MS,
    backoffMs: data.BACKOFF_MS,
    resultTtlMs: data.RESULT_TTL_DAYS * 86_400_000,
    maxUnfinishedJobs: data.MAX_UNFINISHED_JOBS_PER_USER,
    maxStorageBytes: data.MAX_STORAGE_BYTES_PER_USER,
    ctgPort: {
      baseUrl: data.CTG_PORT_BASE_URL,
      pauseMs: data.CTG_PORT_PAUSE_MS,
      pageTimeoutMs: data.CTG_PORT_TIMEOUT_MS,
    },
    allowPrivateOrigins: data.ALLOW_PRIVATE_ORIGINS,
    logLevel: data.LOG_LEVEL,
    migrationsDir: join(root, 'supabase/migrations'),
  };
}
