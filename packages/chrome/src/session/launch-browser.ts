import { beginSession, type LocalSession, type SessionOptions } from './chrome-session.ts';
import { type OpenOptions, openBrowser } from './open-browser.ts';

/** How a browser is launched, and for whom. */
export type LaunchOptions = OpenOptions & SessionOptions;

/**
 * Launches a browser for one attempt.
 *
 * @param requestedAt `performance.now()` when it was requested
 * @throws {ChromeError} BROWSER_LAUNCH_FAILED, BROWSER_LAUNCH_TIMEOUT
 * @throws the signal's reason, if it was aborted
 */
export async function launchBrowser(
  o: LaunchOptions,
  requestedAt = performance.now(),
): Promise<LocalSession> {
  return beginSession(await openBrowser(o, o.owner), { ...o, requestedAt, isWarm: false });
}
