import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { launch } from 'puppeteer-core';
import { expect, test } from 'vitest';

import { sweepBrowsers } from '../src/index.ts';
import { createBrowserRoot, findTestBrowser, launchElsewhere, processesOf } from './fixture.ts';

const NOTHING = { killedProcesses: 0, removedDirectories: 0 };
const LONG_AGO = new Date(Date.now() - 3_600_000);

test('a browser whose owner is dead is killed, frozen or not, and its directory removed', async () => {
  await using root = await createBrowserRoot();
  using elsewhere = launchElsewhere(root.rootDir);
  const left = await elsewhere.launched;
  const pids = await processesOf(left);
  // A frozen browser does not notice that its owner is gone.
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');
  expect(await processesOf(left)).toEqual(pids);

  const swept = await sweepBrowsers({ rootDir: root.rootDir });
  expect(swept.removedDirectories).toBe(1);
  expect(swept.killedProcesses).toBeGreaterThan(0);
  expect(await processesOf(left)).toEqual([]);
  expect(await root.left()).toEqual([]);
});

test('a browser whose owner lives is left alone', async () => {
  await using root = await createBrowserRoot();
  using elsewhere = launchElsewhere(root.rootDir);
  const theirs = await elsewhere.launched;
  await using ours = await root.launch();
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual(NOTHING);
  expect(await ours.page.evaluate(() => 1 + 1)).toBe(2);
  expect((await processesOf(theirs)).length).toBeGreaterThan(1);

  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toMatchObject({ removedDirectories: 1 });
  expect(ours.browser.connected).toBe(true);
});

test('a directory that a process began to make and was killed over is removed, one that is being made is not', async () => {
  await using root = await createBrowserRoot();
  await makeDraft(root.rootDir, 'aaaaaa', LONG_AGO);
  const young = await makeDraft(root.rootDir, 'bbbbbb');
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({ ...NOTHING, removedDirectories: 1 });
  expect(await root.left()).toEqual(['gantry_draft_bbbbbb']);
  await rm(young, { recursive: true });
});

test('what cannot be removed is told, and keeps nothing else from being removed', async () => {
  await using root = await createBrowserRoot();
  for (const letter of 'bcdefg') await makeDraft(root.rootDir, letter.repeat(6), LONG_AGO);
  const stubborn = await makeDraft(root.rootDir, 'aaaaaa');
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void (await promisify(execFile)('/bin/rm', ['-r', stubborn])));
  await nestBeyondPaths(stubborn);
  await utimes(stubborn, LONG_AGO, LONG_AGO);
  const errors: unknown[] = [];
  const swept = await sweepBrowsers({ rootDir: root.rootDir, onError: (error) => errors.push(error) });
  expect(swept).toEqual({ ...NOTHING, removedDirectories: 6 });
  expect(errors).toMatchObject([{ code: 'ENAMETOOLONG' }]);
  expect(await root.left()).toEqual(['gantry_draft_aaaaaa']);
});

test("another's Chrome is never touched, even in a directory named like ours", async () => {
  await using root = await createBrowserRoot();
  const binary = await findTestBrowser();
  const directory = join(root.rootDir, 'chrome_user_data_4000000_1700000000000_abcdef');
  const foreign = await launch({
    executablePath: binary.executablePath,
    env: binary.env,
    headless: binary.kind === 'headless-shell' ? 'shell' : true,
    pipe: true,
    userDataDir: directory,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual(NOTHING);
    expect(foreign.connected).toBe(true);
    expect((await stat(directory)).isDirectory()).toBe(true);
  } finally {
    await foreign.close();
    await rm(directory, { recursive: true, maxRetries: 10 });
  }
});

test('what an earlier boot left is removed, and no number of it is believed', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const old = await copyDirectory(root.rootDir, session.directory, { bootId: 'an-earlier-boot' });
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 1,
  });
  await expect(stat(old)).rejects.toThrow('ENOENT');
  expect(session.browser.connected).toBe(true);
});

test('a number that now is another process proves no life', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  await copyDirectory(root.rootDir, session.directory, {
    process: { pid: process.pid, startTime: '1' },
    browser: { pid: session.pid, startTime: '1' },
  });
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 1,
  });
  expect(session.browser.connected).toBe(true);
});

test('an owner in another container cannot be looked up, so what is its stays', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const elsewhere = await copyDirectory(root.rootDir, session.directory, {
    pidNamespace: 'pid:[1]',
    process: { pid: 4_000_000, startTime: '1' },
  });
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual(NOTHING);
  await rm(elsewhere, { recursive: true });
});

test('a root that is not there yet has nothing to sweep', async () => {
  expect(await sweepBrowsers({ rootDir: '/no/such/directory' })).toEqual(NOTHING);
});

/** A directory that a process began to make, lately or at the given time. */
async function makeDraft(rootDir: string, suffix: string, since = new Date()): Promise<string> {
  const draft = join(rootDir, `gantry_draft_${suffix}`);
  await mkdir(join(draft, 'tmp'), { recursive: true });
  await utimes(draft, since, since);
  return draft;
}

/** Makes directories in each other until no path leads to the last one. */
async function nestBeyondPaths(directory: string): Promise<void> {
  let outer = await open(directory);
  for (let depth = 0; depth < 20; depth += 1) {
    const inside = `/proc/self/fd/${outer.fd}/${'d'.repeat(250)}`;
    await mkdir(inside);
    const inner = await open(inside);
    await outer.close();
    outer = inner;
  }
  await outer.close();
}

/** A directory like the given one, whose owner says something else. */
async function copyDirectory(rootDir: string, like: string, changes: object): Promise<string> {
  const directory = join(rootDir, 'chrome_user_data_4000000_1700000000000_abcdef');
  const draft = join(rootDir, 'draft');
  await cp(join(like, 'owner.json'), join(draft, 'owner.json'));
  const owner: object = JSON.parse(await readFile(join(draft, 'owner.json'), 'utf8'));
  await writeFile(join(draft, 'owner.json'), JSON.stringify({ ...owner, ...changes }));
  await rename(draft, directory);
  return directory;
}
