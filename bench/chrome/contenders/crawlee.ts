import puppeteer from 'puppeteer-core';

import type { Contender, PageJob } from '../contender.ts';
import { launchOptions } from './launch-options.ts';
import { versionOf } from './version-of.ts';

/**
 * A browser for each job: retired after its first page, as its documentation says. What costs time and a queue of
 * trusted pages has no use for is off: storage on disk, sessions, fingerprints.
 */
export const crawlee: Contender = {
  name: `crawlee ${versionOf('@crawlee/puppeteer')}, browser per job`,
  async open({ binary, concurrency }) {
    // Here, since it takes longer to load than the others to measure.
    const { Configuration, log, PuppeteerCrawler } = await import('@crawlee/puppeteer');
    log.setLevel(log.LEVELS.OFF);
    let begin: PageJob['work'] = async () => {};
    let fail: (error: Error) => void = () => {};
    let running: Promise<unknown> = Promise.resolve();
    let made = 0;
    const crawler = new PuppeteerCrawler(
      {
        launchContext: { launcher: puppeteer, launchOptions: launchOptions(binary) },
        browserPoolOptions: {
          maxOpenPagesPerBrowser: 1,
          retireBrowserAfterPageCount: 1,
          useFingerprints: false,
        },
        minConcurrency: concurrency,
        maxConcurrency: concurrency,
        maxRequestRetries: 0,
        useSessionPool: false,
        persistCookiesPerSession: false,
        requestHandler: ({ page }) => begin(page),
        failedRequestHandler: (_, error) => fail(error),
      },
      new Configuration({ persistStorage: false, purgeOnStart: false }),
    );
    return {
      // A run ends some time after its last job, when it looks again whether there are more. That time is not counted.
      async runAll(count, job) {
        await running;
        const all = Promise.withResolvers<void>();
        let ended = 0;
        fail = all.reject;
        begin = async (page) => {
          await job.work(page);
          if (++ended === count) all.resolve();
        };
        const requests = Array.from({ length: count }, () => ({ url: job.url, uniqueKey: `${made++}` }));
        running = crawler.run(requests);
        await all.promise;
      },
      async [Symbol.asyncDispose]() {
        await running;
        await crawler.teardown();
      },
    };
  },
};
