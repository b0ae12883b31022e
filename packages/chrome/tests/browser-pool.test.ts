import { once } from 'node:events';

import type { Page } from 'puppeteer-core';
import { expect, test, vi } from 'vitest';

import { sweepBrowsers } from '../src/index.ts';
import { html, openSite } from './canary.ts';
import {
  countWarmUps,
  createBrowserRoot,
  findMarked,
  findTestBrowser,
  freezeAtWarmUp,
  launchElsewhere,
  OWNER,
  processesOf,
} from './fixture.ts';

test('a job gets the browser that was launched ahead, as if it were new', async () => {
  await using site = await openSite((_, response) => html(response, '<h1>site</h1>'));
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const [warmBrowser] = await root.owners();
  expect(warmBrowser?.owner).toMatchObject({
    workerId: 'worker',
    isWarm: true,
    process: { pid: process.pid },
  });

  await using session = await warmBrowsers.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin] },
  });

  expect(session).toMatchObject({ directory: warmBrowser?.directory, pid: warmBrowser?.owner.browser?.pid });
  expect(session.usage()).toMatchObject({
    isWarm: true,
    requests: 0,
    bytesReceived: 0,
    bytesSent: 0,
    closeMs: null,
  });
  const { browser, page } = session;
  expect(await browser.pages()).toEqual([page]);
  expect(page.url()).toBe('about:blank');
  expect(await page.evaluate(() => [history.length, document.documentElement.textContent])).toEqual([1, '']);
  await page.goto(site.origin);
  expect(await page.$eval('h1', (h1) => h1.textContent)).toBe('site');
  expect(await page.cookies()).toEqual([]);
  expect(session.usage().requests).toBeGreaterThan(0);
  await vi.waitFor(async () => {
    const { owner } = (await root.owners()).find(({ directory }) => directory === session.directory) ?? {};
    expect(owner).toMatchObject({ ...OWNER, browser: { pid: session.pid } });
    expect(owner).not.toHaveProperty('isWarm');
  });
});

test('each browser is used once, and the next is launched when one was taken', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const first = await warmBrowsers.take();
  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(1));
  await first[Symbol.asyncDispose]();
  expect(first.usage().closeMs).not.toBeNull();

  await using second = await warmBrowsers.take();

  expect(second.usage().isWarm).toBe(true);
  expect(second.pid).not.toBe(first.pid);
  expect(second.directory).not.toBe(first.directory);
});

test('there are as many warm browsers as are requested', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool({ warmBrowsers: 3 });
  expect(warmBrowsers.pool.warmBrowsers).toBe(3);
  expect(new Set((await root.owners()).map(({ owner }) => owner.browser?.pid)).size).toBe(3);
});

test('a warm browser reaches nothing before it has a job, and then what that may and no more', async () => {
  await using mine = await openSite((_, response) => html(response, 'mine'));
  await using other = await openSite((_, response) => html(response, 'other'));
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  await using session = await warmBrowsers.take({
    egress: { allowPublic: false, allowPrivateOrigins: [mine.origin] },
  });
  expect([...mine.hits, ...other.hits]).toEqual([]);

  await session.page.goto(mine.origin);
  await expect(session.page.goto(other.origin)).rejects.toThrow(/net::ERR_/);
  // The page that warm browsers warm up with is not there for jobs.
  await expect(session.page.goto('http://warm-up.invalid/')).rejects.toThrow(/net::ERR_/);

  expect(other.hits).toEqual([]);
  expect(session.refusalOf(other.origin)).toMatchObject({ code: 'BLOCKED_URL' });
  expect(session.refusalOf(mine.origin)).toBeNull();
});

test('a frozen warm browser is killed, and the job gets another browser', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const [warmBrowser] = await root.owners();
  const frozen = { directory: warmBrowser?.directory ?? '', pid: warmBrowser?.owner.browser?.pid ?? 0 };
  process.kill(frozen.pid, 'SIGSTOP');

  await using session = await warmBrowsers.take();

  const { isWarm, handOverMs, launchMs } = session.usage();
  expect(isWarm).toBe(false);
  // The job has also waited for a sign of life.
  expect(handOverMs).toBeGreaterThan(launchMs + 900);
  expect(session.pid).not.toBe(frozen.pid);
  await vi.waitFor(async () => expect(await processesOf(frozen)).toEqual([]));
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
});

test('a job whose first warm browser is frozen gets the next one', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool({ warmBrowsers: 2 });
  const [first, second] = (await root.owners()).map(({ owner }) => owner.browser?.pid ?? 0);
  process.kill(first ?? 0, 'SIGSTOP');

  await using session = await warmBrowsers.take();

  expect(session.usage().isWarm).toBe(true);
  expect(session.pid).toBe(second);
});

test('a warm browser that died is cleared away, and the job gets another browser', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const [warmBrowser] = await root.owners();
  process.kill(warmBrowser?.owner.browser?.pid ?? 0, 'SIGKILL');
  await vi.waitFor(async () => expect(await root.left()).toEqual([]));
  expect(warmBrowsers.pool.warmBrowsers).toBe(0);

  await using session = await warmBrowsers.take();

  expect(session.usage().isWarm).toBe(false);
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
});

test('a job that wants other launch settings gets a browser of its own, and the next such job a warm browser', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const launch = { binary: await findTestBrowser(), locale: 'bn-BD', window: { width: 800, height: 700 } };
  const looks = (page: Page) => page.evaluate(() => [navigator.language, outerWidth, outerHeight]);

  await using first = await warmBrowsers.take({ launch });
  expect(first.usage().isWarm).toBe(false);
  expect(await looks(first.page)).toEqual(['bn-BD', 800, 700]);
  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(2));

  await using second = await warmBrowsers.take({ launch });
  await using other = await warmBrowsers.take();
  expect([second, other].map((session) => session.usage().isWarm)).toEqual([true, true]);
  expect(await looks(second.page)).toEqual(['bn-BD', 800, 700]);
  expect(await looks(other.page)).not.toContain('bn-BD');
});

test('there is no warm browser any more with settings that no job has asked for lately', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool({ maxWarmAgeMs: 2_000, inspectIntervalMs: 50 });
  const launch = { binary: await findTestBrowser(), locale: 'bn-BD' };
  await using _session = await warmBrowsers.take({ launch });
  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(2), { interval: 1 });

  await vi.waitFor(async () => expect(await root.owners()).toHaveLength(2));

  await using own = await warmBrowsers.take();
  expect(await own.page.evaluate(() => navigator.language)).not.toBe('bn-BD');
});

test('settings that no browser can be launched with keep no other warm browser away', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const binary = await findTestBrowser();
  const impossible = { binary: { ...binary, executablePath: '/bin/false' } };
  await expect(warmBrowsers.take({ launch: impossible })).rejects.toMatchObject({
    code: 'BROWSER_LAUNCH_FAILED',
  });

  await using _session = await warmBrowsers.take({ launch: { binary, locale: 'bn-BD' } });
  await vi.waitFor(() => expect(warmBrowsers.errors).toHaveLength(1));
  await using _own = await warmBrowsers.take();

  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(2));
});

test('a job that wants by name what the warm browser has anyway gets the warm browser', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool();
  const launch = { binary: await findTestBrowser(), window: { width: 1280, height: 900 } };

  await using session = await warmBrowsers.take({ launch });

  expect(session.usage().isWarm).toBe(true);
});

test('a job that comes while the warm browser is being launched waits for that one, and not for its warm-up', async () => {
  await using root = await createBrowserRoot();
  using warmUps = countWarmUps();
  await using warmBrowsers = await root.openPool({ isSettled: false });
  const cancelled = new AbortController();
  const unwanted = warmBrowsers.take({ signal: cancelled.signal });
  cancelled.abort(new Error('not wanted'));
  await expect(unwanted).rejects.toThrow('not wanted');

  await using session = await warmBrowsers.take();

  expect(session.usage().isWarm).toBe(true);
  expect(warmUps.count).toBe(0);
  // Nobody waits for the next one.
  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(1));
  expect(warmUps.count).toBe(1);
});

test('a warm browser that freezes while it warms up is given up in time', async () => {
  await using root = await createBrowserRoot();
  using _frozen = freezeAtWarmUp(root.rootDir);

  await using warmBrowsers = await root.openPool({ launchTimeoutMs: 3_000 });

  expect(warmBrowsers.errors).toMatchObject([{ code: 'BROWSER_LAUNCH_TIMEOUT' }]);
  expect(await root.left()).toEqual([]);
});

test('a warm browser that nobody waits for any more is ended if its place was filled meanwhile', async () => {
  await using root = await createBrowserRoot();
  using frozen = freezeAtWarmUp(root.rootDir);
  await using warmBrowsers = await root.openPool({ inspectIntervalMs: 50, isSettled: false });
  const pid = await frozen.pid;
  const cancelled = new AbortController();
  const waiting = warmBrowsers.take({ signal: cancelled.signal });
  await vi.waitFor(() => expect(warmBrowsers.pool.warmBrowsers).toBe(1));

  cancelled.abort(new Error('not wanted'));
  await expect(waiting).rejects.toThrow('not wanted');
  process.kill(pid, 'SIGCONT');

  await vi.waitFor(async () => expect(await root.left()).toHaveLength(1));
  expect(warmBrowsers.pool.warmBrowsers).toBe(1);
});

test('the end of a pool waits for the warm browser that a job waited for', async () => {
  await using root = await createBrowserRoot();
  using frozen = freezeAtWarmUp(root.rootDir);
  await using warmBrowsers = await root.openPool({ isSettled: false });
  await frozen.pid;
  const cancelled = new AbortController();
  const refused = expect(warmBrowsers.take({ signal: cancelled.signal })).rejects.toThrow('not wanted');
  cancelled.abort(new Error('not wanted'));

  await warmBrowsers[Symbol.asyncDispose]();

  await refused;
  expect(await root.left()).toEqual([]);
});

test.for([
  ['old', { maxWarmAgeMs: 0 }],
  ['large', { maxWarmMemoryBytes: 1 }],
] as const)('a warm browser that has become %s is replaced', async ([, limit]) => {
  await using root = await createBrowserRoot();
  await using _spares = await root.openPool({ ...limit, inspectIntervalMs: 100 });
  const pidNow = async () => (await root.owners()).flatMap(({ owner }) => owner.browser?.pid ?? []);
  const before = await pidNow();

  await vi.waitFor(async () => {
    const now = await pidNow();
    expect(now.length).toBeGreaterThan(0);
    expect(now.filter((pid) => before.includes(pid))).toEqual([]);
  });
});

test('warm browsers that have become old together are replaced one after the other', async () => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool({ warmBrowsers: 2, maxWarmAgeMs: 0, inspectIntervalMs: 50 });
  const pidsNow = async () => (await root.owners()).flatMap(({ owner }) => owner.browser?.pid ?? []);
  const before = await pidsNow();
  const counts = new Set<number>();

  await vi.waitFor(
    async () => {
      counts.add(warmBrowsers.pool.warmBrowsers);
      const now = await pidsNow();
      expect(now).not.toEqual([]);
      expect(now.filter((pid) => before.includes(pid))).toEqual([]);
    },
    { interval: 1 },
  );

  expect(counts).not.toContain(0);
});

test.for([
  ['when memory is low', { minFreeMemoryBytes: Number.MAX_SAFE_INTEGER }],
  ['when they are switched off', { warmBrowsers: 0 }],
] as const)('there are no warm browsers %s, and jobs go on without', async ([, settings]) => {
  await using root = await createBrowserRoot();
  await using warmBrowsers = await root.openPool({ ...settings, inspectIntervalMs: 20 });
  expect(await root.left()).toEqual([]);

  await using session = await warmBrowsers.take();

  expect(session.usage().isWarm).toBe(false);
  expect(await root.left()).toHaveLength(1);
});

test('a warm browser that cannot be launched is told of, and not tried without end', async () => {
  await using root = await createBrowserRoot();
  const binary = { ...(await findTestBrowser()), executablePath: '/bin/false' };
  await using warmBrowsers = await root.openPool({ binary });
  expect(warmBrowsers.errors).toMatchObject([{ code: 'BROWSER_LAUNCH_FAILED' }]);
  await expect(warmBrowsers.take()).rejects.toMatchObject({ code: 'BROWSER_LAUNCH_FAILED' });
});

test('the end of a pool ends its warm browsers, also those that are being launched, and not what was taken', async () => {
  await using root = await createBrowserRoot();
  const warmBrowsers = await root.openPool({ warmBrowsers: 2 });
  await using session = await warmBrowsers.take();
  await vi.waitFor(async () => expect(await root.left()).toHaveLength(3));

  await warmBrowsers[Symbol.asyncDispose]();

  expect((await root.owners()).map(({ directory }) => directory)).toEqual([session.directory]);
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
  expect(warmBrowsers.errors).toEqual([]);
});

test('SIGKILL of its worker leaves no warm browser; the next sweep takes the directory', async () => {
  await using root = await createBrowserRoot();
  using elsewhere = launchElsewhere(root.rootDir, 'warmBrowser');
  const left = await elsewhere.launched;
  expect((await processesOf(left)).length).toBeGreaterThan(1);

  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');

  await vi.waitFor(async () => expect(await findMarked(root.rootDir)).toEqual([]), { interval: 20 });
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toMatchObject({ removedDirectories: 1 });
  expect(await root.left()).toEqual([]);
});
