import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { type ChromeSession, findBrowser, sweepBrowsers } from '../src/index.ts';
import { CACHE_DIR, createBrowserRoot, processesOf } from './fixture.ts';

test('a browser has a directory of its own, says whose it is, and leaves nothing', async () => {
  await using root = await createBrowserRoot();
  let ended: ChromeSession;
  {
    await using session = await root.launch();
    ended = session;
    expect(basename(session.directory)).toMatch(new RegExp(`^chrome_user_data_${process.pid}_\\d+_\\w{6}$`));
    expect(JSON.parse(await readFile(join(session.directory, 'owner.json'), 'utf8'))).toMatchObject({
      workerId: 'worker',
      jobId: 'job',
      attempt: 1,
      process: { pid: process.pid },
      browser: { pid: session.pid },
    });
    await session.page.setContent('<h1>Hello</h1>');
    expect(await session.page.$eval('h1', (h1) => h1.textContent)).toBe('Hello');
    expect((await processesOf(session)).length).toBeGreaterThan(1);
  }
  expect(await processesOf(ended)).toEqual([]);
  expect(await root.left()).toEqual([]);
});

test('text is drawn: the fonts are there', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const widthOf = async (text: string) => {
    await session.page.setContent(`<span style="font-size:40px">${text}</span>`);
    return session.page.$eval('span', (span) => span.getBoundingClientRect().width);
  };
  expect(await widthOf('WWWW')).toBeGreaterThan((await widthOf('iiii')) * 1.5);
  const blank = async (text: string) => {
    await session.page.setContent(`<body style="font-size:60px">${text}</body>`);
    return (await session.page.screenshot({ encoding: 'base64' })).length;
  };
  expect(await blank('Gantry')).toBeGreaterThan((await blank('')) * 1.1);
});

test('two browsers at once do not meet', async () => {
  await using root = await createBrowserRoot();
  await using one = await root.launch();
  await using two = await root.launch();
  expect(one.directory).not.toBe(two.directory);
  expect(one.pid).not.toBe(two.pid);
});

test('nothing of our environment reaches the browser', async () => {
  vi.stubEnv('SUPABASE_SECRET_KEY', 'canary-secret');
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  for (const pid of await processesOf(session)) {
    expect(await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).not.toContain('canary-secret');
  }
  vi.unstubAllEnvs();
});

test('a frozen browser is ended all the same', async () => {
  await using root = await createBrowserRoot();
  let ended: ChromeSession;
  {
    await using session = await root.launch();
    ended = session;
    for (const pid of await processesOf(session)) process.kill(pid, 'SIGSTOP');
  }
  expect(await processesOf(ended)).toEqual([]);
});

test('a browser that dies is told from a page that dies', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  process.kill(session.pid, 'SIGKILL');
  expect(await session.crashed).toMatchObject({ code: 'BROWSER_CRASHED' });

  await using other = await root.launch();
  other.page.goto('chrome://crash').catch(() => {});
  const cdp = await other.page.createCDPSession();
  cdp.send('Page.crash').catch(() => {});
  expect(await other.crashed).toMatchObject({ code: 'PAGE_CRASHED' });
});

test('dialogs do not hold a page up', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  expect(await session.page.evaluate(() => [confirm('Really?'), prompt('Name?')])).toEqual([false, null]);
});

test('a program that is no browser is named', async () => {
  await expect(findBrowser({ chromePath: '/no/such/chrome', cacheDir: CACHE_DIR })).rejects.toMatchObject({
    code: 'BROWSER_NOT_FOUND',
    message: expect.stringContaining('/no/such/chrome'),
  });
});

test('SIGKILL of its process leaves no browser; the next sweep takes the directory', async () => {
  await using root = await createBrowserRoot();
  using child = launchElsewhere(root.rootDir);
  const left = await child.launched;
  expect((await processesOf(left)).length).toBeGreaterThan(1);
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 0,
  });

  child.process.kill('SIGKILL');
  await once(child.process, 'exit');
  await vi.waitFor(async () => expect(await processesOf(left)).toEqual([]), { timeout: 5000, interval: 20 });
  expect(existsSync(left.directory)).toBe(true);
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toMatchObject({ removedDirectories: 1 });
  expect(await root.left()).toEqual([]);
});

test('a sweep touches nothing that does not say it was ours, and no live one', async () => {
  await using root = await createBrowserRoot();
  const foreign = join(root.rootDir, 'chrome_user_data_1_1700000000000_abcdef');
  await mkdir(foreign);
  await using session = await root.launch();
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 0,
  });
  expect((await stat(foreign)).isDirectory()).toBe(true);
  expect(session.browser.connected).toBe(true);
  await rm(foreign, { recursive: true });
});

/** A process with a browser of its own. */
function launchElsewhere(rootDir: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'launch-and-wait.ts'), rootDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    process: child,
    launched: once(child.stdout, 'data').then(([data]): { directory: string; pid: number } =>
      JSON.parse(String(data)),
    ),
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}
