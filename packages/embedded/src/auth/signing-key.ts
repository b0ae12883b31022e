import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { z } from 'zod';

import { keepSecretFile } from '../postgres/data-dir.ts';

/** The key that signs access tokens, and the public half as served under `/.well-known/jwks.json`. */
export type SigningKey = {
  privateKey: CryptoKey;
  kid: string;
  jwks: { keys: JWK[] };
  /** What `supabase.auth.admin` must present: the embedded mode's counterpart of the service key. */
  serviceKey: string;
};

const jwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
  serviceKey: z.string(),
});

/** Reads the ES256 key of a data directory, or makes it the first time (readable by its owner alone). */
export async function loadSigningKey(dataDir: string): Promise<SigningKey> {
  const { d, kid, serviceKey, ...publicJwk } = await keepSecretFile(
    join(dataDir, 'signing-key.json'),
    jwkSchema,
    generate,
  );
  const privateKey = await importJWK({ ...publicJwk, d }, 'ES256');
  if (privateKey instanceof Uint8Array) throw new TypeError('An EC key is no byte string.');
  return {
    privateKey,
    kid,
    serviceKey,
    jwks: { keys: [{ ...publicJwk, kid, alg: 'ES256', use: 'sig', key_ops: ['verify'] }] },
  };
}

async function generate(): Promise<z.infer<typeof jwkSchema>> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const serviceKey = `sb_secret_${randomBytes(24).toString('base64url')}`;
  return jwkSchema.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk), serviceKey });
}
