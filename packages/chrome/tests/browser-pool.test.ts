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
  await using spares = await root.openPool();
  const [spare] = await root.owners();
  expect(spare?.owner).toMatchObject({ workerId: 'worker', isSpare: true, process: { pid: process.pid } });

  await using session = await spares.take({
    egress: { allowPublic: false, allowPrivateOrigins: [site.origin] },
  });

  expect(session).toMatchObject({ directory: spare?.directory, pid: spare?.owner.browser?.pid });
  expect(session.usage()).toMatchObject({
    isSpare: true,
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
    expect(owner).not.toHaveProperty('isSpare');
  });
});

test('each browser is used once, and the next is launched when one was taken', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const first = await spares.take();
  await vi.waitFor(() => expect(spares.pool.spares).toBe(1));
  await first[Symbol.asyncDispose]();
  expect(first.usage().closeMs).not.toBeNull();

  await using second = await spares.take();

  expect(second.usage().isSpare).toBe(true);
  expect(second.pid).not.toBe(first.pid);
  expect(second.directory).not.toBe(first.directory);
});

test('there are as many spares as are wished for', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool({ spares: 3 });
  expect(spares.pool.spares).toBe(3);
  expect(new Set((await root.owners()).map(({ owner }) => owner.browser?.pid)).size).toBe(3);
});

test('a spare reaches nothing before it has a job, and then what that may and no more', async () => {
  await using mine = await openSite((_, response) => html(response, 'mine'));
  await using other = await openSite((_, response) => html(response, 'other'));
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  await using session = await spares.take({
    egress: { allowPublic: false, allowPrivateOrigins: [mine.origin] },
  });
  expect([...mine.hits, ...other.hits]).toEqual([]);

  await session.page.goto(mine.origin);
  await expect(session.page.goto(other.origin)).rejects.toThrow(/net::ERR_/);
  // The page that spares warm up with is not there for jobs.
  await expect(session.page.goto('http://warm-up.invalid/')).rejects.toThrow(/net::ERR_/);

  expect(other.hits).toEqual([]);
  expect(session.refusalOf(other.origin)).toMatchObject({ code: 'BLOCKED_URL' });
  expect(session.refusalOf(mine.origin)).toBeNull();
});

test('a frozen spare is killed, and the job gets another browser', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const [spare] = await root.owners();
  const frozen = { directory: spare?.directory ?? '', pid: spare?.owner.browser?.pid ?? 0 };
  process.kill(frozen.pid, 'SIGSTOP');

  await using session = await spares.take();

  const { isSpare, handOverMs, launchMs } = session.usage();
  expect(isSpare).toBe(false);
  // The job has also waited for a sign of life.
  expect(handOverMs).toBeGreaterThan(launchMs + 900);
  expect(session.pid).not.toBe(frozen.pid);
  await vi.waitFor(async () => expect(await processesOf(frozen)).toEqual([]));
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
});

test('a job whose first spare is frozen gets the next one', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool({ spares: 2 });
  const [first, second] = (await root.owners()).map(({ owner }) => owner.browser?.pid ?? 0);
  process.kill(first ?? 0, 'SIGSTOP');

  await using session = await spares.take();

  expect(session.usage().isSpare).toBe(true);
  expect(session.pid).toBe(second);
});

test('a spare that died is cleared away, and the job gets another browser', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const [spare] = await root.owners();
  process.kill(spare?.owner.browser?.pid ?? 0, 'SIGKILL');
  await vi.waitFor(async () => expect(await root.left()).toEqual([]));
  expect(spares.pool.spares).toBe(0);

  await using session = await spares.take();

  expect(session.usage().isSpare).toBe(false);
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
});

test('a job that wants other launch settings gets a browser of its own, and the next such job a spare', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const launch = { binary: await findTestBrowser(), locale: 'bn-BD', window: { width: 800, height: 700 } };
  const looks = (page: Page) => page.evaluate(() => [navigator.language, outerWidth, outerHeight]);

  await using first = await spares.take({ launch });
  expect(first.usage().isSpare).toBe(false);
  expect(await looks(first.page)).toEqual(['bn-BD', 800, 700]);
  await vi.waitFor(() => expect(spares.pool.spares).toBe(2));

  await using second = await spares.take({ launch });
  await using other = await spares.take();
  expect([second, other].map((session) => session.usage().isSpare)).toEqual([true, true]);
  expect(await looks(second.page)).toEqual(['bn-BD', 800, 700]);
  expect(await looks(other.page)).not.toContain('bn-BD');
});

test('there is no spare any more with settings that no job has asked for lately', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool({ maxSpareAgeMs: 2_000, inspectIntervalMs: 50 });
  const launch = { binary: await findTestBrowser(), locale: 'bn-BD' };
  await using _session = await spares.take({ launch });
  await vi.waitFor(() => expect(spares.pool.spares).toBe(2), { interval: 1 });

  await vi.waitFor(async () => expect(await root.owners()).toHaveLength(2));

  await using own = await spares.take();
  expect(await own.page.evaluate(() => navigator.language)).not.toBe('bn-BD');
});

test('settings that no browser can be launched with keep no other spare away', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const binary = await findTestBrowser();
  const impossible = { binary: { ...binary, executablePath: '/bin/false' } };
  await expect(spares.take({ launch: impossible })).rejects.toMatchObject({ code: 'BROWSER_LAUNCH_FAILED' });

  await using _session = await spares.take({ launch: { binary, locale: 'bn-BD' } });
  await vi.waitFor(() => expect(spares.errors).toHaveLength(1));
  await using _own = await spares.take();

  await vi.waitFor(() => expect(spares.pool.spares).toBe(2));
});

test('a job that wants by name what the spare has anyway gets the spare', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool();
  const launch = { binary: await findTestBrowser(), window: { width: 1280, height: 900 } };

  await using session = await spares.take({ launch });

  expect(session.usage().isSpare).toBe(true);
});

test('a job that comes while the spare is being launched waits for that one, and not for its warm-up', async () => {
  await using root = await createBrowserRoot();
  using warmUps = countWarmUps();
  await using spares = await root.openPool({ isSettled: false });
  const cancelled = new AbortController();
  const unwanted = spares.take({ signal: cancelled.signal });
  cancelled.abort(new Error('not wanted'));
  await expect(unwanted).rejects.toThrow('not wanted');

  await using session = await spares.take();

  expect(session.usage().isSpare).toBe(true);
  expect(warmUps.count).toBe(0);
  // Nobody waits for the next one.
  await vi.waitFor(() => expect(spares.pool.spares).toBe(1));
  expect(warmUps.count).toBe(1);
});

test('a spare that freezes while it warms up is given up in time', async () => {
  await using root = await createBrowserRoot();
  using _frozen = freezeAtWarmUp(root.rootDir);

  await using spares = await root.openPool({ launchTimeoutMs: 3_000 });

  expect(spares.errors).toMatchObject([{ code: 'BROWSER_LAUNCH_TIMEOUT' }]);
  expect(await root.left()).toEqual([]);
});

test('a spare that nobody waits for any more is ended if its place was filled meanwhile', async () => {
  await using root = await createBrowserRoot();
  using frozen = freezeAtWarmUp(root.rootDir);
  await using spares = await root.openPool({ inspectIntervalMs: 50, isSettled: false });
  const pid = await frozen.pid;
  const cancelled = new AbortController();
  const waiting = spares.take({ signal: cancelled.signal });
  await vi.waitFor(() => expect(spares.pool.spares).toBe(1));

  cancelled.abort(new Error('not wanted'));
  await expect(waiting).rejects.toThrow('not wanted');
  process.kill(pid, 'SIGCONT');

  await vi.waitFor(async () => expect(await root.left()).toHaveLength(1));
  expect(spares.pool.spares).toBe(1);
});

test('the end of a pool waits for the spare that a job waited for', async () => {
  await using root = await createBrowserRoot();
  using frozen = freezeAtWarmUp(root.rootDir);
  await using spares = await root.openPool({ isSettled: false });
  await frozen.pid;
  const cancelled = new AbortController();
  const refused = expect(spares.take({ signal: cancelled.signal })).rejects.toThrow('not wanted');
  cancelled.abort(new Error('not wanted'));

  await spares[Symbol.asyncDispose]();

  await refused;
  expect(await root.left()).toEqual([]);
});

test.for([
  ['old', { maxSpareAgeMs: 0 }],
  ['large', { maxSpareMemoryBytes: 1 }],
] as const)('a spare that has become %s is replaced', async ([, limit]) => {
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

test('spares that have become old together are replaced one after the other', async () => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool({ spares: 2, maxSpareAgeMs: 0, inspectIntervalMs: 50 });
  const pidsNow = async () => (await root.owners()).flatMap(({ owner }) => owner.browser?.pid ?? []);
  const before = await pidsNow();
  const counts = new Set<number>();

  await vi.waitFor(
    async () => {
      counts.add(spares.pool.spares);
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
  ['when they are switched off', { spares: 0 }],
] as const)('there are no spares %s, and jobs go on without', async ([, settings]) => {
  await using root = await createBrowserRoot();
  await using spares = await root.openPool({ ...settings, inspectIntervalMs: 20 });
  expect(await root.left()).toEqual([]);

  await using session = await spares.take();

  expect(session.usage().isSpare).toBe(false);
  expect(await root.left()).toHaveLength(1);
});

test('a spare that cannot be launched is told of, and not tried without end', async () => {
  await using root = await createBrowserRoot();
  const binary = { ...(await findTestBrowser()), executablePath: '/bin/false' };
  await using spares = await root.openPool({ binary });
  expect(spares.errors).toMatchObject([{ code: 'BROWSER_LAUNCH_FAILED' }]);
  await expect(spares.take()).rejects.toMatchObject({ code: 'BROWSER_LAUNCH_FAILED' });
});

test('the end of a pool ends its spares, also those that are being launched, and not what was taken', async () => {
  await using root = await createBrowserRoot();
  const spares = await root.openPool({ spares: 2 });
  await using session = await spares.take();
  await vi.waitFor(async () => expect(await root.left()).toHaveLength(3));

  await spares[Symbol.asyncDispose]();

  expect((await root.owners()).map(({ directory }) => directory)).toEqual([session.directory]);
  expect(await session.page.evaluate(() => 1 + 1)).toBe(2);
  expect(spares.errors).toEqual([]);
});

test('SIGKILL of its worker leaves no spare; the next sweep takes the directory', async () => {
  await using root = await createBrowserRoot();
  using elsewhere = launchElsewhere(root.rootDir, 'spare');
  const left = await elsewhere.launched;
  expect((await processesOf(left)).length).toBeGreaterThan(1);

  elsewhere.process.kill('SIGKILL');
  await once(elsewhere.process, 'exit');

  await vi.waitFor(async () => expect(await findMarked(root.rootDir)).toEqual([]), { interval: 20 });
  expect(await sweepBrowsers({ rootDir: root.rootDir })).toMatchObject({ removedDirectories: 1 });
  expect(await root.left()).toEqual([]);
});
