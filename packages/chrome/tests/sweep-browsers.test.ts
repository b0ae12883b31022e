import { once } from 'node:events';
import { cp, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from 'puppeteer-core';
import { expect, test } from 'vitest';

import { sweepBrowsers } from '../src/index.ts';
import { createBrowserRoot, findTestBrowser, launchElsewhere, processesOf } from './fixture.ts';

const NOTHING = { killedProcesses: 0, removedDirectories: 0 };

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
  const [left, young] = [
    join(root.rootDir, 'gantry_draft_aaaaaa'),
    join(root.rootDir, 'gantry_draft_bbbbbb'),
  ];
  for (const draft of [left, young]) await mkdir(join(draft, 'tmp'), { recursive: true });
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(left, longAgo, longAgo);
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({ ...NOTHING, removedDirectories: 1 });
  expect(await root.left()).toEqual(['gantry_draft_bbbbbb']);
  await rm(young, { recursive: true });
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
