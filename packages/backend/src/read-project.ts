import { z } from 'zod';

import { type KeyKind, projectRefOf, requireKey } from './project-key.ts';

/** A Supabase project, as the environment describes it. */
export type ProjectSettings = {
  databaseUrl: string;
  /** Without a slash at the end. */
  url: string;
  secretKey: string;
};

type Environment = Record<string, string | undefined>;

/** What is public: an address, a public key or a set of keys, and the id of a key, which the JWKS and each token name. */
const PUBLIC_VALUE = /^(?:\w+:\/\/|-----BEGIN|\s*[{[]|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$)/i;

const databaseUrlSchema = z.url({ protocol: /^postgres(ql)?$/ });
const urlSchema = z.url({ protocol: /^https?$/ });

/**
 * Reads the project that a process uses, and refuses settings that cannot be right, such as keys of the wrong kind or of
 * another project. What is empty counts as not set.
 *
 * @returns null for the embedded mode: none of the variables is set
 * @throws {Error} one line that names the variable and holds no secret
 */
export function readProject(env: Environment): ProjectSettings | null {
  const set = (variable: string) => env[variable] || undefined;
  const databaseUrl = set('DATABASE_URL');
  const url = set('SUPABASE_URL');
  const secretKey = set('SUPABASE_SECRET_KEY');
  const given = { DATABASE_URL: databaseUrl, SUPABASE_URL: url, SUPABASE_SECRET_KEY: secretKey };
  if (!databaseUrl || !url || !secretKey) {
    const names = Object.entries(given).map(([name, value]) => ({ name, isSet: value !== undefined }));
    const missing = names.find(({ isSet }) => !isSet)?.name;
    const present = names.find(({ isSet }) => isSet)?.name;
    if (present === undefined) return null;
    throw new Error(`${missing}: is missing, but ${present} is set. A Supabase project needs both.`);
  }

  const refs = [
    { variable: 'SUPABASE_URL', ref: checkUrl(url) },
    { variable: 'DATABASE_URL', ref: checkDatabaseUrl(databaseUrl) },
    { variable: 'SUPABASE_SECRET_KEY', ...requireKey('SUPABASE_SECRET_KEY', secretKey, 'secret') },
  ];
  requireOneProject(refs);
  return { databaseUrl, url: url.replace(/\/+$/, ''), secretKey };
}

/**
 * Reads what only the API needs of a project: the key that browsers get, and how tokens are checked.
 *
 * @throws {Error} one line that names the variable and holds no secret
 */
export function readSignIn(
  env: Environment,
  project: ProjectSettings,
): { publishableKey: string; jwtSecret: string | null; jwtIssuer: string } {
  const publishableKey = env['SUPABASE_PUBLISHABLE_KEY'];
  if (!publishableKey) {
    throw new Error(
      'SUPABASE_PUBLISHABLE_KEY: is missing, but SUPABASE_URL is set. A Supabase project needs both.',
    );
  }
  const check = (variable: string, key: string, kind: KeyKind) => ({
    variable,
    ...requireKey(variable, key, kind),
  });
  requireOneProject([
    { variable: 'SUPABASE_URL', ref: projectRefOf(project.url) },
    check('SUPABASE_SECRET_KEY', project.secretKey, 'secret'),
    check('SUPABASE_PUBLISHABLE_KEY', publishableKey, 'publishable'),
  ]);
  return {
    publishableKey,
    jwtSecret: readJwtSecret(env),
    // Compared letter by letter with the claim `iss`, so it is taken as it is.
    jwtIssuer: env['SUPABASE_JWT_ISSUER'] || `${project.url}/auth/v1`,
  };
}

function readJwtSecret(env: Environment): string | null {
  const secret = env['SUPABASE_JWT_SECRET'];
  if (!secret) return null;
  // Who knows this value can sign as any user, and the publishable key is known to all.
  if (/^sb_|^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret)) {
    throw new Error(
      'SUPABASE_JWT_SECRET: this is an API key. Set it to the legacy JWT secret of the project; see Project Settings, JWT Keys.',
    );
  }
  if (PUBLIC_VALUE.test(secret)) {
    throw new Error(
      'SUPABASE_JWT_SECRET: this is no secret: an address, a key or the id of a key. Set it to the legacy JWT secret of the project; see Project Settings, JWT Keys.',
    );
  }
  if (secret.length < 32) throw new Error('SUPABASE_JWT_SECRET: is shorter than 32 characters.');
  return secret;
}

function checkUrl(text: string): string | null {
  const { success } = urlSchema.safeParse(text);
  const url = URL.parse(text);
  const isApi = success && url !== null && !url.search && !url.hash && !url.username && !url.password;
  if (!isApi || /^\/(auth|rest|storage|realtime|functions)\/v1/.test(url.pathname)) {
    throw new Error(
      'SUPABASE_URL: must be the address of the project and no more, such as https://abcdefghijklmnopqrst.supabase.co',
    );
  }
  return projectRefOf(url.href);
}

function checkDatabaseUrl(text: string): string | null {
  const url = databaseUrlSchema.safeParse(text).success ? URL.parse(text) : null;
  const password = url && decode(url.password);
  if (!url || password === null) {
    throw new Error(
      'DATABASE_URL: must be a connection string such as postgres://user:password@host:5432/postgres. In the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25.',
    );
  }
  if (/YOUR[-_]PASSWORD/i.test(password)) {
    throw new Error('DATABASE_URL: put the password of the database where it says [YOUR-PASSWORD].');
  }
  const isHosted = /\.supabase\.(co|com|in|net|red)$/i.test(url.hostname);
  if (isHosted && url.port === '6543') {
    throw new Error(
      'DATABASE_URL: port 6543 is the transaction pooler, which keeps no sessions. Use the session pooler or the direct connection, both on port 5432.',
    );
  }
  const direct = /^db\.([a-z0-9]+)\.supabase\./i.exec(url.hostname)?.[1];
  const pooled = isHosted ? /\.([a-z0-9]+)$/i.exec(url.username)?.[1] : undefined;
  return (direct ?? pooled)?.toLowerCase() ?? null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Variables that name a project must name the same one; a custom domain and new keys name none. */
function requireOneProject(named: { variable: string; ref: string | null }[]): void {
  const known = named.flatMap(({ variable, ref }) => (ref === null ? [] : [{ variable, ref }]));
  const [first] = known;
  const other = known.find(({ ref }) => ref !== first?.ref);
  if (first && other) {
    throw new Error(
      `${other.variable}: belongs to the project ${other.ref}, but ${first.variable} belongs to ${first.ref}.`,
    );
  }
}
