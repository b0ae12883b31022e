import type { Browser } from 'puppeteer-core';

const lookedFor = new WeakMap<Browser, number>();

/** Bytes of commands that were sent to a browser of this machine, without those that only look at it. */
export function bytesCommanded(browser: Browser): number {
  return bytesSent(browser) - (lookedFor.get(browser) ?? 0);
}

/** Sends what only looks at a browser: a job that does nothing is idle, however many people see it do so. */
export function asOnlooker<T>(browser: Browser, send: () => T): T {
  const before = bytesSent(browser);
  const answer = send();
  // What is written to a pipe counts at once.
  lookedFor.set(browser, (lookedFor.get(browser) ?? 0) + bytesSent(browser) - before);
  return answer;
}

function bytesSent(browser: Browser): number {
  const pipe = browser.process()?.stdio[3];
  return pipe && 'bytesWritten' in pipe ? Number(pipe.bytesWritten) : 0;
}
