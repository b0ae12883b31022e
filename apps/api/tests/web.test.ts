import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Api, startApi } from './fixture.ts';

// The built web app, as browsers, link previews and health checks of others ask for it.

let api: Api;
let webDir: string;
beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), 'gantry-web-'));
  await mkdir(join(webDir, 'assets'));
  await writeFile(join(webDir, 'index.html'), '<!doctype html><title>Gantry</title>');
  await writeFile(join(webDir, 'assets/index-1.js'), 'export {};');
  api = await startApi({ webDir });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(webDir, { recursive: true, force: true });
});

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(`${api.url}${path}`, init);
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    cacheControl: response.headers.get('cache-control'),
    text: await response.text(),
  };
}

const PAGE = { status: 200, type: 'text/html', cacheControl: 'no-cache' };
const NOTHING = { status: 404, type: 'application/json', cacheControl: 'no-store' };

describe('a page', () => {
  for (const path of ['/', '/jobs', '/jobs/00000000-0000-4000-8000-000000000000?view=log']) {
    test(`${path} is the one document`, async () => {
      expect(await ask(path, { headers: HTML })).toMatchObject({
        ...PAGE,
        text: expect.stringContaining('Gantry'),
      });
    });

    test(`${path} answers HEAD as it answers GET`, async () => {
      expect(await ask(path, { method: 'HEAD', headers: HTML })).toEqual({ ...PAGE, text: '' });
    });
  }

  test('/ is the document also for those who do not say what they take', async () => {
    expect(await ask('/')).toMatchObject(PAGE);
    expect(await ask('/', { method: 'HEAD' })).toMatchObject(PAGE);
  });
});

describe('a file', () => {
  test('is kept for good, since its name changes with it', async () => {
    expect(await ask('/assets/index-1.js')).toMatchObject({
      status: 200,
      cacheControl: 'public, max-age=31536000, immutable',
    });
  });

  test('that a build brought while the API runs is served', async () => {
    await writeFile(join(webDir, 'assets/index-2.js'), 'export {};');
    expect(await ask('/assets/index-2.js')).toMatchObject({ status: 200, text: 'export {};' });
  });

  for (const path of ['/assets/index-0.js', '/assets/', '/..%2f..%2fpackage.json', '/%2e%2e/package.json'])
    test(`${path} is not there`, async () => expect(await ask(path)).toMatchObject(NOTHING));
});

describe('there is nothing at', () => {
  test('an address of the API that does not exist, even for a browser', async () => {
    expect(await ask('/api/no-such', { headers: HTML })).toMatchObject(NOTHING);
    expect(await ask('/auth', { headers: HTML })).toMatchObject(NOTHING);
    expect(await ask('/api?x', { headers: HTML })).toMatchObject(NOTHING);
  });

  test('a page that something is posted to', async () => {
    expect(await ask('/', { method: 'POST', headers: HTML })).toMatchObject(NOTHING);
  });
});
