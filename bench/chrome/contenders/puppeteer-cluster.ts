import { Cluster } from 'puppeteer-cluster';
import { launch } from 'puppeteer-core';

import type { Contender, PageJob } from '../contender.ts';
import { launchOptions } from './launch-options.ts';
import { versionOf } from './version-of.ts';

const NAME = `puppeteer-cluster ${versionOf('puppeteer-cluster')}`;

/** One browser for all, and a context for each job: what its documentation recommends. */
export const clusterContext = createCluster(`${NAME}, CONTEXT`, Cluster.CONCURRENCY_CONTEXT);

/** A browser for each worker, which stays, and a context for each job. */
export const clusterBrowser = createCluster(`${NAME}, BROWSER`, Cluster.CONCURRENCY_BROWSER);

function createCluster(name: string, mode: number): Contender {
  return {
    name,
    async open({ binary, concurrency }) {
      const cluster = await Cluster.launch({
        concurrency: mode,
        maxConcurrency: concurrency,
        puppeteer: { launch },
        puppeteerOptions: launchOptions(binary),
      });
      const runOne = async ({ url, work }: PageJob) => {
        // Resolves when the context is closed, too.
        await cluster.execute(url, async ({ page }) => {
          await page.goto(url);
          await work(page);
        });
      };
      return {
        runOne,
        async runAll(count, job) {
          await Promise.all(Array.from({ length: count }, () => runOne(job)));
        },
        [Symbol.asyncDispose]: () => cluster.close(),
      };
    },
  };
}
