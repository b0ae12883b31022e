import { launch } from 'puppeteer-core';

import type { Contender, PageJob } from '../contender.ts';
import { launchOptions } from './launch-options.ts';
import { versionOf } from './version-of.ts';

/** A ceiling: one browser for all, that stays, and a context for each job. Nothing around it. */
export const sharedBrowser: Contender = {
  name: `puppeteer ${versionOf('puppeteer-core')}, context per job`,
  async open({ binary, concurrency }) {
    const browser = await launch(launchOptions(binary));
    const runOne = async ({ url, work }: PageJob) => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(url);
      await work(page);
      await context.close();
    };
    return {
      runOne,
      async runAll(count, job) {
        let started = 0;
        const loop = async () => {
          while (started++ < count) await runOne(job);
        };
        await Promise.all(Array.from({ length: concurrency }, loop));
      },
      [Symbol.asyncDispose]: () => browser.close(),
    };
  },
};
