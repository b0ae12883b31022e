import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

const ANSWER_TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_000_000;
/** Made-up key ids make us ask the sign-in service this often, however many come. */
const MIN_INTERVAL_MS = 1_000;
/** Older keys are fetched again while the known ones are used: one that was revoked is out after this time. */
const MAX_AGE_MS = 600_000;
/** While the sign-in service is away its last keys are trusted this long. */
const MAX_STALE_MS = 3_600_000;

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The signing keys cannot be had at the moment, so nothing can be said about a token. */
export class KeysUnavailableError extends Error {
  override name = 'KeysUnavailableError';
}

/**
 * Finds the key of a token among those that a sign-in service publishes (JWKS). A key id that is not known is looked for in
 * a set that was fetched after the token came, so a new key is accepted at once.
 *
 * @returns a function that throws {@link KeysUnavailableError}, or JWKSNoMatchingKey when the service has no such key
 */
export function createRemoteKeySet(url: string): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let begunAt = Number.NEGATIVE_INFINITY;
  let failure: { at: number; error: KeysUnavailableError } | null = null;
  let pending: Promise<void> | null = null;

  return async (header, token) => {
    const cameAt = performance.now();
    const age = cameAt - fetchedAt;
    if (!keys || age > MAX_STALE_MS) await reload();
    else if (age > MAX_AGE_MS) void reload().catch(() => {});
    for (;;) {
      try {
        if (!keys) throw new KeysUnavailableError('There are no keys.');
        return await keys(header, token);
      } catch (error) {
        // Every token of the service names its key.
        if (error instanceof errors.JWKSMultipleMatchingKeys && header?.kid === undefined) throw error;
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw toUnavailable(error, url);
        if (begunAt >= cameAt) throw error;
      }
      await reload();
    }
  };

  /** @throws {KeysUnavailableError} */
  function reload(): Promise<void> {
    if (failure && performance.now() - failure.at < MIN_INTERVAL_MS) return Promise.reject(failure.error);
    pending ??= load().finally(() => {
      pending = null;
    });
    return pending;
  }

  async function load(): Promise<void> {
    const waitMs = begunAt + MIN_INTERVAL_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    begunAt = performance.now();
    try {
      keys = createLocalJWKSet(await fetchKeys(url));
      fetchedAt = begunAt;
      failure = null;
    } catch (error) {
      failure = { at: performance.now(), error: toUnavailable(error, url) };
      throw failure.error;
    }
  }
}

/** Where a project publishes its signing keys. */
export function jwksUrlOf(projectUrl: string): string {
  return `${projectUrl}/auth/v1/.well-known/jwks.json`;
}

/** Says in sentences for the log why tokens of a project could not be verified now. */
export async function checkKeys(o: { url: string; jwtSecret: string | null }): Promise<string[]> {
  try {
    const { keys } = await fetchKeys(jwksUrlOf(o.url));
    if (keys.length > 0 || o.jwtSecret) return [];
    return [
      'SUPABASE_JWT_SECRET: is not set, but the project signs with its legacy secret: no token will be accepted.',
    ];
  } catch (error) {
    return [
      `SUPABASE_URL: the signing keys cannot be fetched: ${error instanceof Error ? error.message : ''}`,
    ];
  }
}

/** Fetches the published keys once. @throws {KeysUnavailableError} for every answer that is no key set, and for none */
async function fetchKeys(url: string): Promise<z.infer<typeof keysSchema>> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new KeysUnavailableError(`${url} answered ${response.status}.`);
    }
    return keysSchema.parse(JSON.parse(await readText(response)));
  } catch (error) {
    throw toUnavailable(error, url);
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new KeysUnavailableError('The answer is too long for a key set.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function toUnavailable(error: unknown, url: string): KeysUnavailableError {
  if (error instanceof KeysUnavailableError) return error;
  return new KeysUnavailableError(`${url} gave no usable keys.`, { cause: error });
}
