import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { type BrowserKind, findBrowser } from '../src/index.ts';
import { TEST_CACHE_DIR } from '../src/testing.ts';

test('by default it is the headless shell of the npm package, wherever it runs', async () => {
  const binary = await findBrowser({ cacheDir: TEST_CACHE_DIR });
  expect(binary).toMatchObject({ kind: 'headless-shell', source: 'npm' });
  expect(binary.executablePath.startsWith(TEST_CACHE_DIR)).toBe(true);
  expect(binary.version).toMatch(/\d+\.\d+/);
});

test('several that unpack it at once get one whole browser, and leave no drafts', async () => {
  await using cache = await createDirectory();
  const found = await Promise.all([1, 2].map(() => findBrowser({ cacheDir: cache.path })));
  expect(new Set(found.map(({ executablePath }) => executablePath)).size).toBe(1);
  expect(found.map(({ source }) => source)).toEqual(['npm', 'npm']);
  // The browser and the fonts.
  expect(await readdir(cache.path)).toHaveLength(2);
});

test('what a killed process has half unpacked is removed, and what is being unpacked is not', async () => {
  await using cache = await createDirectory();
  const draft = async (suffix: string, since: Date) => {
    const path = join(cache.path, `headless-shell-1.0.0.${suffix}`);
    await mkdir(join(path, 'al2023'), { recursive: true });
    await utimes(path, since, since);
  };
  await draft('1.0123abcd', new Date(Date.now() - 3_600_000));
  await draft('2.0123abcd', new Date());
  const { executablePath, env } = await findBrowser({ cacheDir: cache.path });
  const used = [executablePath, env['FONTCONFIG_FILE'] ?? ''].map((path) => basename(dirname(path)));
  expect((await readdir(cache.path)).toSorted()).toEqual(
    ['headless-shell-1.0.0.2.0123abcd', ...used].toSorted(),
  );
});

test('CHROME_PATH goes first, and gets the fonts too', async () => {
  await using directory = await createDirectory();
  const chromePath = await directory.createChrome();
  expect(await findBrowser({ chromePath, cacheDir: TEST_CACHE_DIR })).toEqual({
    executablePath: chromePath,
    env: { FONTCONFIG_FILE: expect.stringContaining(TEST_CACHE_DIR) },
    kind: 'chrome',
    source: 'CHROME_PATH',
    version: 'Chromium 1.2.3',
  });
});

test('who needs one kind of browser gets that kind, whatever CHROME_PATH names', async () => {
  await using directory = await createDirectory();
  const chromePath = await directory.createChrome();
  const find = (kind: BrowserKind) => findBrowser({ kind, chromePath, cacheDir: TEST_CACHE_DIR });
  expect(await find('chrome')).toMatchObject({ kind: 'chrome', source: 'CHROME_PATH' });
  expect(await find('headless-shell')).toMatchObject({ kind: 'headless-shell', source: 'npm' });
});

test('the full Chrome is found where it is installed, and missed by name where it is not', async () => {
  const found = await findBrowser({ kind: 'chrome', cacheDir: TEST_CACHE_DIR }).catch(
    (error: unknown) => error,
  );
  expect(found).toSatisfy((it: { kind?: string; code?: string; message?: string }) =>
    it.code === 'BROWSER_NOT_FOUND' ? it.message?.includes('full Chrome') === true : it.kind === 'chrome',
  );
});

test('a CHROME_PATH that leads nowhere is named, and nothing else taken in its place', async () => {
  await expect(
    findBrowser({ chromePath: '/no/such/chrome', cacheDir: TEST_CACHE_DIR }),
  ).rejects.toMatchObject({
    code: 'BROWSER_NOT_FOUND',
    message: expect.stringContaining('/no/such/chrome'),
  });
});

async function createDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'gf-'));
  return {
    path,
    /** A program that says it is Chromium. */
    async createChrome() {
      const chromePath = join(path, 'chrome');
      await writeFile(chromePath, '#!/bin/sh\necho Chromium 1.2.3\n');
      await chmod(chromePath, 0o755);
      return chromePath;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
