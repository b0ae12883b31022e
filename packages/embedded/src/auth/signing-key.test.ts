import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadSigningKey } from './signing-key.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gantry-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('is made once, for whoever asks at the same moment, and only its owner may read it', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => loadSigningKey(dataDir)));
  expect(new Set(keys.map((key) => key.kid)).size).toBe(1);
  expect(await readdir(dataDir)).toEqual(['signing-key.json']);
  expect((await stat(join(dataDir, 'signing-key.json'))).mode & 0o777).toBe(0o600);
});

test('signs what its public half verifies, after a restart too', async () => {
  const { privateKey, kid } = await loadSigningKey(dataDir);
  const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  const { jwks } = await loadSigningKey(dataDir);
  expect((await jwtVerify(token, createLocalJWKSet(jwks))).payload).toEqual({ a: 1 });
  expect(jwks.keys[0]).not.toHaveProperty('d');
  expect(jwks.keys[0]).not.toHaveProperty('serviceKey');
});

test('a damaged file is refused, not replaced, and not quoted', async () => {
  await writeFile(join(dataDir, 'signing-key.json'), '{"d":"a secret');
  const error: unknown = await loadSigningKey(dataDir).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'DATA_DIR_UNREADABLE' });
  expect(String(error)).not.toContain('a secret');
});
