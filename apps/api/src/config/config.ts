import { isIP } from 'node:net';
import { join, resolve } from 'node:path';

import { type ProjectSettings, readProject, readSignIn } from '@gantry/backend';
import { z } from 'zod';

import { readHostName } from './host-name.ts';

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  HOST: z.string().min(1).default('127.0.0.1'),
  GANTRY_DATA_DIR: z.string().min(1).default('.gantry'),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(7),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  LIVE_URL: z.url({ protocol: /^https?$/ }).optional(),
  ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform(splitList)
    .refine((hosts) => hosts.every((host) => readHostName(host) !== null), {
      error: 'each must be a host name or an address, such as gantry.example.com',
    }),
  ALLOW_ANONYMOUS_USERS: z.stringbool().default(false),
  ALLOW_SIGN_UP: z.stringbool().default(true),
  OAUTH_CLIENT_IDS: z.string().default('').transform(splitList),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(splitList)
    .refine((proxies) => proxies.every(isNetwork), {
      error: 'each must be an IP address or a network such as 10.0.0.0/8',
    }),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform(splitList)
    .refine((origins) => origins.every(isOrigin), {
      error: 'each must be an origin as browsers send it, such as https://app.example.com, without a path',
    }),
  MAX_UPLOAD_BYTES: z.coerce.number().int().min(1).max(200_000_000).default(20_000_000),
  POLL_INTERVAL_MS: z.coerce.number().int().min(100).max(60_000).default(5_000),
  RESULT_TTL_DAYS: z.coerce.number().min(0.001).max(3650).default(7),
  MAX_STORAGE_BYTES_PER_USER: z.coerce.number().int().min(1).max(1e15).default(1_000_000_000),
  MAX_UNFINISHED_JOBS_PER_USER: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(1_200),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

/** A Supabase project, when Gantry uses one. */
export type SupabaseSettings = ProjectSettings & ReturnType<typeof readSignIn>;

/** The settings of the API. */
export type Config = {
  port: number;
  host: string;
  dataDir: string;
  /** Null: the embedded mode. */
  supabase: SupabaseSettings | null;
  /** Connections of the pool; one more listens. */
  databasePoolSize: number;
  /** Where people reach this API, if it is not where it listens. */
  publicUrl: string | null;
  /** Where workers reach this very process, if it is not where it listens. */
  liveUrl: string | null;
  /** Names besides those of the other settings under which requests may come. */
  allowedHosts: string[];
  /** Whether anonymous users of the Supabase project may use the API. */
  allowAnonymous: boolean;
  /** Whether people may make accounts by themselves in the embedded mode. */
  allowSignUp: boolean;
  /** The OAuth clients that may act for their users, by client id. */
  oauthClientIds: string[];
  /** Reverse proxies that say for whom they ask. */
  trustedProxies: string[];
  corsOrigins: string[];
  maxUploadBytes: number;
  /** How long a client may send nothing in the middle of a body. */
  uploadStallMs: number;
  pollIntervalMs: number;
  resultTtlMs: number;
  /**
   * After so long, and no more than twice that, an open stream is asked whether its viewer may still see it. Ended
   * sessions, bans and lost rights close streams within a minute.
   */
  streamRecheckMs: number;
  /** How many unfinished jobs a user may have. */
  maxUnfinishedJobs: number;
  /** How many bytes a user may store. */
  maxStorageBytes: number;
  requestsPerMinute: number;
  logLevel: string;
  /** Where the built web app is. */
  webDir: string;
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
  const project = readProject(env);
  const root = join(import.meta.dirname, '../../../..');
  return {
    port: data.PORT,
    host: data.HOST,
    dataDir: resolve(root, data.GANTRY_DATA_DIR),
    supabase: project && { ...project, ...readSignIn(env, project) },
    databasePoolSize: data.DATABASE_POOL_SIZE,
    liveUrl: data.LIVE_URL ?? null,
    publicUrl: data.PUBLIC_URL?.replace(/\/$/, '') ?? null,
    allowedHosts: data.ALLOWED_HOSTS,
    allowAnonymous: data.ALLOW_ANONYMOUS_USERS,
    allowSignUp: data.ALLOW_SIGN_UP,
    trustedProxies: data.TRUSTED_PROXIES,
    oauthClientIds: data.OAUTH_CLIENT_IDS,
    corsOrigins: data.CORS_ORIGINS,
    maxUploadBytes: data.MAX_UPLOAD_BYTES,
    uploadStallMs: 20_000,
    pollIntervalMs: data.POLL_INTERVAL_MS,
    resultTtlMs: data.RESULT_TTL_DAYS * 86_400_000,
    streamRecheckMs: 25_000,
    maxUnfinishedJobs: data.MAX_UNFINISHED_JOBS_PER_USER,
    maxStorageBytes: data.MAX_STORAGE_BYTES_PER_USER,
    requestsPerMinute: data.REQUESTS_PER_MINUTE,
    logLevel: data.LOG_LEVEL,
    webDir: join(root, 'apps/web/dist'),
    migrationsDir: join(root, 'supabase/migrations'),
  };
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    most >= 0 && more === undefined && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  );
}

/** What a browser would never send would be refused without a word. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}
