import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { createReadiness } from '../src/readiness/create-readiness.ts';
import { type Api, startApi } from './fixture.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const readiness = async () => {
  const response = await fetch(`${api.url}/readyz`);
  return { code: response.status, body: await response.json() };
};

test('the API is ready when it can write to the database and a service is on offer', async () => {
  expect(await readiness()).toEqual({
    code: 200,
    body: { status: 'ready', checks: { database: true, services: true, storage: true, notifications: true } },
  });
});

test('it is not ready before a worker has published a service', async () => {
  await api.pool.query('update public.automation_services set is_enabled = false');
  expect(await readiness()).toMatchObject({
    code: 503,
    body: { status: 'not ready', checks: { database: true, services: false } },
  });
  await api.pool.query('update public.automation_services set is_enabled = true');
  expect(await readiness()).toMatchObject({ code: 200 });
});

test('it is not ready while no file can be stored', async () => {
  const directory = join(api.deps.config.dataDir, 'storage');
  // No directory at all: also root, who may write to what is read-only to others, can store nothing in it.
  await rename(directory, `${directory}-away`);
  await writeFile(directory, '');
  await expect.poll(readiness).toMatchObject({
    code: 503,
    body: { status: 'not ready', checks: { database: true, storage: false } },
  });
  await rm(directory);
  await rename(`${directory}-away`, directory);
  await expect.poll(readiness).toMatchObject({ code: 200, body: { checks: { storage: true } } });
  expect(await api.drafts()).toBe(0);
});

test('a hundred who ask at once share one look at the database', async () => {
  let looks = 0;
  const pool: typeof api.pool = Object.create(api.pool, {
    query: {
      value: (...args: Parameters<typeof api.pool.query>) => {
        looks += 1;
        return api.pool.query(...args);
      },
    },
  });
  const check = createReadiness({ ...api.deps, pool });
  const answers = await Promise.all(Array.from({ length: 100 }, () => check()));
  expect(answers.every(({ isReady }) => isReady)).toBe(true);
  // One each for the database and for the services.
  expect(looks).toBe(2);
});

test('it shows which part of a project is not right, and goes on with what it has', async () => {
  const project = createServer((request, response) => {
    const isKnown = request.headers['apikey'] === 'sb_publishable_good';
    if (request.url === '/auth/v1/settings') response.writeHead(isKnown ? 200 : 401).end('{}');
    else response.end(JSON.stringify({ keys: [{ kty: 'EC' }] }));
  });
  project.listen(0, '127.0.0.1');
  await once(project, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has such an address
  const url = `http://127.0.0.1:${(project.address() as AddressInfo).port}`;
  const check = (supabase: { url?: string; databaseUrl?: string; publishableKey?: string } = {}) =>
    createReadiness({
      ...api.deps,
      config: {
        ...api.deps.config,
        supabase: {
          url,
          databaseUrl: api.database.databaseUrl,
          secretKey: 'sb_secret_good',
          publishableKey: 'sb_publishable_good',
          jwtSecret: null,
          jwtIssuer: `${url}/auth/v1`,
          ...supabase,
        },
      },
    })();
  const parts = { schema: true, signIn: true, signingKeys: true };
  try {
    expect(await check()).toMatchObject({ isReady: true, checks: parts });
    expect(await check({ publishableKey: 'sb_publishable_revoked' })).toMatchObject({
      isReady: true,
      checks: { ...parts, signIn: false },
    });
    expect(await check({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' })).toMatchObject({
      isReady: true,
      checks: { ...parts, schema: false },
    });
  } finally {
    project.close();
    project.closeAllConnections();
  }
  expect(await check()).toMatchObject({ checks: { ...parts, signIn: false, signingKeys: false } });
});
