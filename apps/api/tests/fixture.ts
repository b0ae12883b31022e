import { randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceDescription } from '@gantry/contract';

import {
  createDirectoryStorage,
  createServicePool,
  createSubmitter,
  DEFAULTS,
  EventHub,
  publishService,
  registerWorker,
} from '@gantry/core';
import { loadSigningKey } from '@gantry/embedded';
import { createTestDatabase } from '@gantry/embedded/testing';
import type { FileSpec } from '@gantry/sheet';
import { SheetPool } from '@gantry/sheet/pool';

import { createApi } from '../src/app.ts';
import { createTokenVerifier } from '../src/auth/verify-token.ts';
import { type Config, readConfig } from '../src/config/config.ts';
import type { ApiDeps } from '../src/procedures/context.ts';
import { UserLimits } from '../src/procedures/user-limits.ts';

export const ISSUER = 'http://sign-in.test/auth/v1';

/** What the port's service accepts. */
export const PORT_FILE: FileSpec = {
  required: true,
  formats: ['csv', 'xlsx'],
  maxBytes: 1_000_000,
  maxRows: 1000,
  keyColumn: 'container',
  columns: [
    {
      key: 'container',
      label: 'Container number',
      aliases: ['Container'],
      format: 'iso6346',
      required: true,
    },
  ],
};

export const PORT_SERVICE: ServiceDescription = {
  id: 'ctg-port-tracking',
  name: 'CTG Port Authority Tracking',
  description: 'Finds containers',
  category: 'Ports',
  queue: 'default',
  version: '1',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  acceptedFiles: PORT_FILE,
  answerColumns: [{ key: 'yard', label: 'Yard', type: 'text' }],
  timeoutMs: 60_000,
  maxAttempts: 3,
};

export const GOOD_CSV = 'Container\nCSQU3054383\nCRSU1274363\n';

/** The whole API on a real port, with its database, sign-in and storage. */
export type Api = Awaited<ReturnType<typeof startApi>>;

/**
 * @param sheets how sheets are read, if not as the product does
 * @param parts what the API is made of, if not as the product makes it
 */
export async function startApi(
  o: Partial<Config> = {},
  sheets: Partial<ConstructorParameters<typeof SheetPool>[0]> = {},
  parts: Partial<ApiDeps> = {},
) {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-api-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const database = stack.use(await createTestDatabase());
  const { databaseUrl } = database;
  const pool = stack.adopt(
    createServicePool({
      databaseUrl,
      applicationName: 'api-test',
      lockTimeoutMs: DEFAULTS.lockTimeoutMs,
    }),
    (p) => p.end(),
  );
  const hub = stack.use(await EventHub.start({ databaseUrl, applicationName: 'api-test-listen', db: pool }));
  const signingKey = await loadSigningKey(dataDir);
  const stopping = new AbortController();
  const storageDir = join(dataDir, 'storage');
  const config: Config = {
    ...readConfig({ LOG_LEVEL: 'silent', GANTRY_DATA_DIR: dataDir, REQUESTS_PER_MINUTE: '100000' }),
    ...o,
  };
  const storage = createDirectoryStorage({ directory: storageDir });
  const deps: ApiDeps = {
    config,
    pool,
    hub,
    storage,
    verifyToken: createTokenVerifier({
      issuer: ISSUER,
      keys: { jwks: signingKey.jwks },
      legacySecret: null,
    }),
    submitJob: createSubmitter(pool, config),
    sheets: stack.use(new SheetPool({ threads: 2, ...sheets })),
    userLimits: new UserLimits(),
    stopping: stopping.signal,
    hasDemoAccounts: false,
    ...parts,
  };
  const app = await createApi(deps, {
    databaseUrl: database.authDatabaseUrl,
    signingKey,
    issuer: ISSUER,
    secretKey: signingKey.serviceKey,
    isSignUpOpen: true,
    signInsPerMinute: 1000,
  });
  stack.defer(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await publishService(pool, PORT_SERVICE);
  await publishService(pool, {
    ...PORT_SERVICE,
    id: 'no-file',
    acceptedFiles: null,
    inputSchema: {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    },
  });

  /** Somebody who has signed in. */
  async function signIn(user: { email: string; password: string; id: string }) {
    const response = await fetch(`${url}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: user.email, password: user.password }),
    });
    const { access_token: token }: { access_token: string } = JSON.parse(await response.text());
    return { ...user, token };
  }

  const resources = stack.move();
  return {
    url,
    app,
    deps,
    pool,
    hub,
    database,
    storage,
    signingKey,
    stopping,
    signIn,
    newUser: async (isAdmin = false) => signIn(await database.createUser({ isAdmin })),
    /** Enters a worker, so that a test can run jobs by hand. */
    async addWorker(services = [PORT_SERVICE.id, 'no-file']): Promise<string> {
      const id = randomUUID();
      await registerWorker(pool, {
        id,
        host: 'test',
        pid: 1,
        version: '1',
        services,
        concurrency: 1,
        sessionKey: randomInt(2 ** 31),
      });
      return id;
    },
    /** Files that are being stored at this moment. */
    async drafts(): Promise<number> {
      return (await readdir(storageDir).catch(() => [])).filter((name) => name.startsWith('.draft-')).length;
    },
    /** Jobs, uploads and files: what a refusal must not leave. */
    async leftovers() {
      const { rows } = await pool.query(
        'select (select count(*)::int from public.automation_jobs) as jobs, (select count(*)::int from public.automation_uploads) as uploads',
      );
      const files = await readdir(storageDir, { recursive: true, withFileTypes: true }).catch(() => []);
      return { ...rows[0], files: files.filter((file) => file.isFile()).length };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A form with a file. */
export function formOf(
  fields: Record<string, string>,
  file?: { name?: string; content: string | Uint8Array<ArrayBuffer> },
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('file', new Blob([file.content]), file.name ?? 'fcr_numbers.csv');
  return form;
}
