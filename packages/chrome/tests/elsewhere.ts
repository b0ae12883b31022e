import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launch } from 'puppeteer-core';

import { openRemotePool, type TakeOptions } from '../src/index.ts';
import { createBrowserRoot, findTestBrowser, OWNER } from './fixture.ts';

/** A browser that others run, reached through a port. */
export async function launchWithPort(args: string[] = []) {
  await using stack = new AsyncDisposableStack();
  const profile = await mkdtemp(join(tmpdir(), 'gr-'));
  stack.defer(() => rm(profile, { recursive: true, maxRetries: 10 }));
  const binary = await findTestBrowser();
  const browser = await launch({
    executablePath: binary.executablePath,
    env: { ...binary.env, HOME: profile },
    headless: binary.kind === 'headless-shell' ? 'shell' : true,
    userDataDir: profile,
    args: ['--remote-debugging-port=0', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
  });
  const root = await browser.target().createCDPSession();
  const child = browser.process();
  stack.defer(async () => {
    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const resources = stack.move();
  return {
    browser,
    endpoint: browser.wsEndpoint(),
    signal: (name: NodeJS.Signals) => child?.kill(name),
    /** How many contexts there are beside its own. */
    contexts: async () => (await root.send('Target.getBrowserContexts')).browserContextIds.length,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The same, with a pool that takes from it. */
export async function openElsewhere({
  args,
  ...o
}: {
  args?: string[];
  keepAliveMs?: number;
  launchTimeoutMs?: number;
} = {}) {
  await using stack = new AsyncDisposableStack();
  const elsewhere = stack.use(await launchWithPort(args));
  const root = stack.use(await createBrowserRoot());
  const pool = await openRemotePool({ endpoint: elsewhere.endpoint, rootDir: root.rootDir, ...o });
  const resources = stack.move();
  return {
    ...elsewhere,
    root,
    warmBrowsers: pool.warmBrowsers,
    take: (request: Partial<TakeOptions> = {}) =>
      pool.take({ owner: OWNER, egress: { allowPublic: true, allowPrivateOrigins: [] }, ...request }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
