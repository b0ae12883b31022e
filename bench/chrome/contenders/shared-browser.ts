import { launch } from 'puppeteer-core';

import type { Contender, PageJob } from '../contender.ts';
import { launchOptions } from './launch-options.ts';
import { runInTurns } from './run-in-turns.ts';
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
      runAll: (count, job) => runInTurns({ places: concurrency, count }, () => runOne(job)),
      [Symbol.asyncDispose]: () => browser.close(),
    };
  },
};
