import type { Browser } from 'puppeteer-core';
import { asOnlooker } from '../cdp/count-commands.ts';
import { openRootSession } from '../cdp/open-root-session.ts';
import { ChromeError } from '../chrome-error.ts';

/** How long a browser may answer nothing, in milliseconds. */
export const SILENCE_MS = 60_000;
/** Pings within that time. */
const PINGS = 6;

/**
 * Asks a browser for its version every few seconds, and ends a job whose browser answers nothing: not one that the job asks
 * nothing, and not one whose page is busy, since the answer comes from the browser's own process.
 *
 * Counts pings and not time: while this process is suspended, or has no turn, no answer can be heard.
 *
 * @param o.isStopped whether a process of it is stopped, so that its pages answer nothing though the browser does
 * @param o.onSilent called once, with BROWSER_UNRESPONSIVE
 */
export function watchSilence(
  browser: Browser,
  o: { silenceMs: number; isStopped: () => boolean; onSilent: (error: ChromeError) => void },
): Disposable {
  let missed = 0;
  let stopped = 0;
  // Not `browser.version()`: puppeteer asks once and remembers the answer.
  const opening = openRootSession(browser);
  const ping = () => {
    missed += 1;
    const answer = opening.then((root) => asOnlooker(browser, () => root.send('Browser.getVersion')));
    answer.then(
      () => {
        missed = 0;
      },
      // It is gone, which other listeners report.
      () => clearInterval(timer),
    );
  };
  const timer = setInterval(() => {
    stopped = o.isStopped() ? stopped + 1 : 0;
    // The stop may have come just before the first look that saw it.
    if (missed < PINGS && stopped <= PINGS) return ping();
    clearInterval(timer);
    o.onSilent(browserSilent(o.silenceMs));
  }, o.silenceMs / PINGS);
  ping();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The error for a browser that is there and answers nothing. */
export function browserSilent(ms: number): ChromeError {
  return new ChromeError(
    'BROWSER_UNRESPONSIVE',
    `The browser answered nothing for ${Math.round(ms / 1000)} s and was ended. Another attempt gets a new browser.`,
  );
}
