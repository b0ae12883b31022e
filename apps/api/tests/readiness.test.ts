import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

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
