import { z } from 'zod';

/** `publishable`: made for browsers. `secret`: passes by every row policy. */
export type KeyKind = 'publishable' | 'secret';

const KINDS = {
  publishable: { prefix: 'sb_publishable_', role: 'anon' },
  secret: { prefix: 'sb_secret_', role: 'service_role' },
} as const;

const legacySchema = z.object({
  role: z.string(),
  exp: z.number().optional(),
  iss: z.string().optional(),
  ref: z.string().optional(),
});

/**
 * Checks that a key of a Supabase project is of the wanted kind: by its prefix, or by the role in a legacy key, which is a
 * JWT. The message never holds the key.
 *
 * @returns the project that the key names; null if it names none, as keys that are no JWT
 * @throws {Error} one line that names the variable
 */
export function requireKey(variable: string, key: string, wanted: KeyKind): { ref: string | null } {
  const refuse = (why: string): never => {
    const { prefix, role } = KINDS[wanted];
    throw new Error(
      `${variable}: ${why} Set it to the ${wanted} key of the project (${prefix}…, or the legacy ${role} key); see Project Settings, API Keys.`,
    );
  };
  if (/[\s'"]/.test(key)) return refuse('the value has a space, line break or quotation mark in it.');
  if (/^sb_(publishable|secret)_[\w-]+$/.test(key)) {
    if (!key.startsWith(KINDS[wanted].prefix)) return refuse(wrongKind(wanted));
    return { ref: null };
  }
  if (key.startsWith('sbp_')) return refuse('this is a personal access token of the Supabase account.');

  const legacy = readLegacyKey(key);
  if (!legacy) return refuse('this is no key of a Supabase project.');
  const { role, exp, iss, ref } = legacy;
  const other = KINDS[wanted === 'secret' ? 'publishable' : 'secret'].role;
  if (role === other) return refuse(wrongKind(wanted));
  if (role === 'authenticated') return refuse('this is the access token of a user.');
  if (role !== KINDS[wanted].role) return refuse('this is no key of a Supabase project.');
  if (exp !== undefined && exp * 1000 <= Date.now()) {
    return refuse(`this legacy key expired on ${new Date(exp * 1000).toISOString().slice(0, 10)}.`);
  }
  return { ref: ref ?? (iss === undefined ? null : projectRefOf(iss)) };
}

/** The reference of a hosted project in its address; null for any other address. */
export function projectRefOf(url: string): string | null {
  return (
    /^https?:\/\/([a-z0-9]+)\.supabase\.(?:co|in|net|red)(?:[:/]|$)/i.exec(url)?.[1]?.toLowerCase() ?? null
  );
}

function wrongKind(wanted: KeyKind): string {
  return wanted === 'publishable'
    ? 'this is a secret key, and every visitor would get it.'
    : 'this is a publishable key, which may not read or delete files.';
}

function readLegacyKey(key: string): z.infer<typeof legacySchema> | null {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(key) ?? [];
  if (payload === undefined) return null;
  try {
    return legacySchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  } catch {
    return null;
  }
}
