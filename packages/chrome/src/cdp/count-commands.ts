import type { Browser } from 'puppeteer-core';

const lookedFor = new WeakMap<Browser, number>();
const counters = new WeakMap<Browser, () => number>();

/** Tells how many bytes were sent to a browser of another machine; to one of this machine they go through a pipe. */
export function countCommandsBy(browser: Browser, sent: () => number): void {
  counters.set(browser, sent);
}

/** Bytes of commands that were sent to a browser, without those that only look at it. */
export function bytesCommanded(browser: Browser): number {
  return bytesSent(browser) - (lookedFor.get(browser) ?? 0);
}

/** Sends what only looks at a browser: a job that does nothing is idle, however many people see it do so. */
export function asOnlooker<T>(browser: Browser, send: () => T): T {
  const before = bytesSent(browser);
  const answer = send();
  // What is sent counts at once.
  lookedFor.set(browser, (lookedFor.get(browser) ?? 0) + bytesSent(browser) - before);
  return answer;
}

function bytesSent(browser: Browser): number {
  const count = counters.get(browser);
  if (count) return count();
  const pipe = browser.process()?.stdio[3];
  return pipe && 'bytesWritten' in pipe ? Number(pipe.bytesWritten) : 0;
}
