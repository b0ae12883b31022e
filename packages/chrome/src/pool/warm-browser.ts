import type { Page } from 'puppeteer-core';
import { WARM_UP_HOST } from '../egress/warm-up-page.ts';
import type { WarmOwner } from '../process/browser-directory.ts';
import {
  LAUNCH_TIMEOUT_MS,
  launchTimeout,
  type OpenBrowser,
  type OpenOptions,
  openBrowser,
} from '../session/open-browser.ts';
import { unlessAborted } from '../unless-aborted.ts';

const HEALTH_DEADLINE_MS = 1_000;

/**
 * Opens a browser ahead of its job, and lets it do what every first page costs: it opens a page that its own proxy
 * makes up, and then the one that the job will get, which knows nothing of that.
 *
 * @param isAwaited asked when it has been launched: a job that waits for it warms it up sooner by its own page
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT: the launch and the warm-up may each take that long
 * @throws the signal's reason, if it was aborted
 */
export async function openWarmBrowser(
  o: OpenOptions,
  owner: WarmOwner,
  isAwaited: () => boolean,
): Promise<OpenBrowser> {
  const open = await openBrowser(o, owner);
  if (isAwaited()) return open;
  const deadline = AbortSignal.timeout(o.launchTimeoutMs ?? LAUNCH_TIMEOUT_MS);
  const signal = o.signal ? AbortSignal.any([o.signal, deadline]) : deadline;
  try {
    return { ...open, page: await unlessAborted(warmUp(open), signal) };
  } catch (cause) {
    await open[Symbol.asyncDispose]();
    o.signal?.throwIfAborted();
    throw deadline.aborted ? launchTimeout(cause) : cause;
  }
}

async function warmUp({ browser, page: first }: OpenBrowser): Promise<Page> {
  await first.goto(`http://${WARM_UP_HOST}/`);
  const page = await browser.newPage();
  await first.close();
  return page;
}

/** Asks browser and page for a sign of life. One that is dead or frozen gives none in time. */
export async function isAlive({ browser, page }: OpenBrowser): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), HEALTH_DEADLINE_MS);
  const answer = Promise.all([browser.version(), page.evaluate('true')]).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
