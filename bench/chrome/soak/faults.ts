import type { Page } from 'puppeteer-core';

/** A way in which a job breaks its browser. */
export type Fault = {
  /** What the queue must say of such a job. */
  errorCode: string;
  /** Whether only the deadline can end the job. */
  isEndedByDeadline: boolean;
  /** Never returns, but may throw. */
  strike(page: Page): Promise<never>;
};

/** All of them, by name. */
export const FAULTS: Record<string, Fault> = {
  'page crashes': {
    errorCode: 'PAGE_CRASHED',
    isEndedByDeadline: false,
    async strike(page) {
      const session = await page.createCDPSession();
      session.send('Page.crash').catch(() => {});
      return forever();
    },
  },
  'page hangs': {
    errorCode: 'JOB_TIMEOUT',
    isEndedByDeadline: true,
    async strike(page) {
      await page.evaluate('for (;;);');
      return forever();
    },
  },
  'browser killed': {
    errorCode: 'BROWSER_CRASHED',
    isEndedByDeadline: false,
    strike: (page) => send(page, 'SIGKILL'),
  },
  'browser frozen': {
    errorCode: 'JOB_TIMEOUT',
    isEndedByDeadline: true,
    strike: (page) => send(page, 'SIGSTOP'),
  },
};

function send(page: Page, signal: NodeJS.Signals): Promise<never> {
  page.browser().process()?.kill(signal);
  return forever();
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
