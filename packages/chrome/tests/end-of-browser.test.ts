import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test, vi } from 'vitest';

import { sweepBrowsers } from '../src/index.ts';
import { createBrowserRoot, launchElsewhere, processesOf } from './fixture.ts';

test('a frozen browser is ended all the same', async () => {
  await using root = await createBrowserRoot();
  const session = await root.launch();
  for (const pid of await processesOf(session)) process.kill(pid, 'SIGSTOP');
  await session[Symbol.asyncDispose]();
  expect(await processesOf(session)).toEqual([]);
});

test('a browser that is killed leaves no child behind, not even a frozen one', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const pids = await processesOf(session);
  for (const pid of pids) if (pid !== session.pid) process.kill(pid, 'SIGSTOP');
  process.kill(session.pid, 'SIGKILL');
  expect(await session.failed).toMatchObject({ name: 'ChromeError', code: 'BROWSER_CRASHED' });
  await vi.waitFor(async () => expect(await processesOf(session)).toEqual([]));
});

test.for(['all of it', 'a page’s process'])(
  'a job whose browser is frozen (%s) is ended by a ping',
  async (what) => {
    await using root = await createBrowserRoot();
    await using session = await root.launch({ silenceMs: 3_000 });
    const asked = session.page.evaluate('document.title = "here"');
    await asked;
    const renderer = await rendererOf(session);
    for (const pid of await processesOf(session))
      if (what === 'all of it' || pid === renderer) process.kill(pid, 'SIGSTOP');
    const stuck = session.page.evaluate('1');
    expect(await session.failed).toMatchObject({
      code: 'BROWSER_UNRESPONSIVE',
      message: expect.stringContaining('Another attempt gets a new browser'),
    });
    await expect(stuck).rejects.toThrow();
    await vi.waitFor(async () => expect(await processesOf(session)).toEqual([]));
  },
);

test('a page that is busy with a long script is no frozen browser', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch({ silenceMs: 1_000 });
  const failed = vi.fn();
  void session.failed.then(failed);
  await session.page.evaluate('for (const end = Date.now() + 4000; Date.now() < end;);');
  expect(failed).not.toHaveBeenCalled();
});

/** The process that shows the session's page: the last that was started for that. */
async function rendererOf(session: { directory: string; pid: number }): Promise<number> {
  const pids = await processesOf(session);
  const renderers = pids.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer'),
  );
  return renderers.at(-1) ?? 0;
}

test('a page that crashes is told from a browser that does', async () => {
  await using root = await createBrowserRoot();
  await using session = await root.launch();
  const cdp = await session.page.createCDPSession();
  cdp.send('Page.crash').catch(() => {});
  expect(await session.failed).toMatchObject({ name: 'ChromeError', code: 'PAGE_CRASHED' });
  expect(session.browser.connected).toBe(true);
});

test('a browser that is ended as it should be has not crashed', async () => {
  await using root = await createBrowserRoot();
  const session = await root.launch();
  const crashed = vi.fn();
  void session.failed.then(crashed);
  const gone = new Promise((resolve) => session.browser.once('disconnected', resolve));
  await session[Symbol.asyncDispose]();
  await gone;
  expect(crashed).not.toHaveBeenCalled();
});

test('SIGKILL of its process leaves no browser; the next sweep takes the directory', async () => {
  await using root = await createBrowserRoot();
  using elsewhere = launchElsewhere(root.rootDir);
  const left = await elsewhere.launched;
  expect((await processesOf(left)).length).toBeGreaterThan(1);

  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');
  await vi.waitFor(async () => expect(await processesOf(left)).toEqual([]), { interval: 20 });
  expect(existsSync(left.directory)).toBe(true);
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toEqual({
    killedProcesses: 0,
    removedDirectories: 1,
  });
  expect(await root.left()).toEqual([]);
});

test('a browser that ends while no more files can be opened is gone all the same', async () => {
  await using root = await createBrowserRoot();
  const script = join(import.meta.dirname, 'end-without-files.ts');
  const { stdout } = await promisify(execFile)('/bin/sh', [
    '-c',
    'ulimit -n 256 && exec "$0" "$@"',
    process.execPath,
    script,
    root.rootDir,
  ]);
  expect(stdout).toBe('0');
});
