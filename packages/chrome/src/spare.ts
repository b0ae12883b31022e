import type { SpareOwner } from './browser-directory.ts';
import { WARM_UP_HOST } from './egress/warm-up-page.ts';
import { type OpenBrowser, type OpenOptions, openBrowser } from './open-browser.ts';

const HEALTH_DEADLINE_MS = 1_000;

/**
 * Opens a browser ahead of its job, and lets it do what every first page costs: it opens a page that its own proxy
 * makes up, and then the one that the job will get, which knows nothing of that.
 */
export async function openSpare(o: OpenOptions, owner: SpareOwner): Promise<OpenBrowser> {
  const open = await openBrowser(o, owner);
  try {
    await open.page.goto(`http://${WARM_UP_HOST}/`, { ...(o.signal && { signal: o.signal }) });
    const page = await open.browser.newPage();
    await open.page.close();
    return { ...open, page };
  } catch (error) {
    await open[Symbol.asyncDispose]();
    throw error;
  }
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
