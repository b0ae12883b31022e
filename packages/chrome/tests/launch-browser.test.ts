import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, expect, test, vi } from 'vitest';

import type { BrowserBinary } from '../src/index.ts';
import { createBrowserRoot, findMarked, findTestBrowser, processesOf } from './fixture.ts';

afterEach(() => void vi.unstubAllEnvs());

test('a browser has a directory of its own, says whose it is, and leaves nothing', async () => {
  await using root = await createBrowserRoot();
  const session = await root.launch();
  try {
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
    expect(session.usage().launchMs).toBeGreaterThan(0);
  } finally {
    await session[Symbol.asyncDispose]();
  }
  expect(await processesOf(session)).toEqual([]);
  expect(await root.left()).toEqual([]);
  expect(session.usage().peakMemoryBytes).toBeGreaterThan(10_000_000);
  await session[Symbol.asyncDispose]();
});

test('a directory says whose it is for as long as it is there, also while it is removed', async () => {
  await using root = await createBrowserRoot();
  const session = await root.launch();
  for (let n = 0; n < 50; n += 1) {
    const cache = join(session.directory, `cache-${n}`);
    await mkdir(cache);
    for (let file = 0; file < 50; file += 1) await writeFile(join(cache, `${file}`), '');
  }
  const ending = session[Symbol.asyncDispose]();
  let wasNameless = false;
  while (existsSync(session.directory)) {
    // Who is killed now leaves what is there now.
    wasNameless ||= !existsSync(join(session.directory, 'owner.json')) && existsSync(session.directory);
    await nextTurn();
  }
  await ending;
  expect(wasNameless).toBe(false);
});

test('two browsers at once do not meet', async () => {
  await using root = await createBrowserRoot();
  const [one, two] = await Promise.all([root.launch(), root.launch()]);
  await using _one = one;
  await using _two = two;
  expect(one.directory).not.toBe(two.directory);
  const pids = new Set(await processesOf(one));
  expect((await processesOf(two)).filter((pid) => pids.has(pid))).toEqual([]);
});

test('nothing of our environment reaches the browser, and no port is opened', async () => {
  vi.stubEnv('SUPABASE_SECRET_KEY', 'canary-secret');
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const pids = await processesOf(session);
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8')));
  expect(environments.join('')).toContain(`GANTRY_BROWSER=${session.directory}`);
  expect(environments.join('')).not.toContain('canary-secret');
  expect(await readFile(`/proc/${session.pid}/cmdline`, 'utf8')).not.toContain('--remote-debugging-port');
});

test('a browser that cannot start says so and leaves nothing', async () => {
  await using root = await createBrowserRoot();
  await using broken = await createProgram('exit 1');
  await expect(root.launch({ binary: broken.binary })).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_FAILED',
  });
  expect(await root.left()).toEqual([]);
});

test('a path that is too long for the sockets of the full Chrome is said to be so', async () => {
  await using root = await createBrowserRoot();
  await using mute = await createProgram('sleep 1000');
  const launching = root.launch({
    binary: { ...mute.binary, kind: 'chrome' },
    rootDir: join(root.rootDir, 'a-directory-with-a-long-name'),
  });
  await expect(launching).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_FAILED',
    message: expect.stringContaining('BROWSER_ROOT_DIR'),
  });
  await rm(join(root.rootDir, 'a-directory-with-a-long-name'), { recursive: true });
});

test('a browser that never answers is given up on, told from a failure, and killed with its children', async () => {
  await using root = await createBrowserRoot();
  await using mute = await createProgram('sleep 1000 & sleep 1000');
  await expect(root.launch({ binary: mute.binary, launchTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_TIMEOUT',
  });
  expect(await findMarked(root.rootDir)).toEqual([]);
  expect(await root.left()).toEqual([]);
});

test('a launch that is not wanted any more ends at once, with the reason', async () => {
  await using root = await createBrowserRoot();
  await using mute = await createProgram('sleep 1000');
  const controller = new AbortController();
  const launching = root.launch({ binary: mute.binary, signal: controller.signal });
  await vi.waitFor(async () => expect(await findMarked(root.rootDir)).not.toEqual([]));
  controller.abort(new Error('not wanted'));
  await expect(launching).rejects.toThrow('not wanted');
  expect(await findMarked(root.rootDir)).toEqual([]);

  await expect(root.launch({ signal: controller.signal })).rejects.toThrow('not wanted');
  expect(await root.left()).toEqual([]);
});

test('a launch can be given up at any moment, also while the browser introduces itself', async () => {
  await using root = await createBrowserRoot();
  for (let ms = 5; ms <= 150; ms += 5) {
    const signal = AbortSignal.timeout(ms);
    const session = await root.launch({ signal }).catch((reason: unknown) => {
      expect(reason).toBe(signal.reason);
      return null;
    });
    await session?.[Symbol.asyncDispose]();
    expect(await findMarked(root.rootDir)).toEqual([]);
  }
  expect(await root.left()).toEqual([]);
});

test('the signal of a launch says nothing to a browser that was launched', async () => {
  await using root = await createBrowserRoot();
  const controller = new AbortController();
  await using session = await root.launch({ signal: controller.signal });
  controller.abort();
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
});

/** A program in place of a browser. */
async function createProgram(script: string) {
  const directory = await mkdtemp(join(tmpdir(), 'gp-'));
  const executablePath = join(directory, 'program');
  await writeFile(executablePath, `#!/bin/sh\n${script}\n`);
  await chmod(executablePath, 0o755);
  const binary: BrowserBinary = {
    executablePath,
    env: {},
    kind: 'headless-shell',
    source: 'CHROME_PATH',
    version: 'none',
  };
  return { binary, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

test('a browser that the system does not start is a failed launch, and not the end of the process', async () => {
  await using root = await createBrowserRoot();
  // Neither a program nor executable: like a lack of processes or files, told by an event of the child's.
  const executablePath = join(import.meta.dirname, 'fixture.ts');
  const binary = { ...(await findTestBrowser()), executablePath };
  await expect(root.launch({ binary })).rejects.toMatchObject({ code: 'BROWSER_LAUNCH_FAILED' });
  expect(await root.left()).toEqual([]);
});
