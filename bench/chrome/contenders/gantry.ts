import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { type ChromeSession, launchBrowser, openBrowserPool } from '@gantry/chrome';

import type { Contender, OpenContender, PageJob, Place } from '../contender.ts';
import { runInTurns } from './run-in-turns.ts';

const OWNER = { workerId: 'bench', jobId: 'job', attempt: 1 };
const LOOK_EVERY_MS = 5;

/** A process for each job, launched ahead: the product, with a warm browser for each place as a worker has by default. */
export const gantry: Contender = {
  name: 'Gantry',
  async open(place) {
    const { binary, rootDir, concurrency: warmBrowsers } = place;
    const pool = await openBrowserPool({ binary, rootDir, workerId: OWNER.workerId, warmBrowsers });
    const take = () => pool.take({ owner: OWNER, egress: egressOf(place) });
    return {
      ...openGantry(place, take),
      async rest() {
        while (pool.warmBrowsers < warmBrowsers) await pause(LOOK_EVERY_MS);
      },
      [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
    };
  },
};

/** A process for each job, launched when the job comes. */
export const gantryCold: Contender = {
  name: 'Gantry without warm browsers',
  async open(place) {
    const { binary, rootDir } = place;
    return openGantry(place, () => launchBrowser({ binary, rootDir, owner: OWNER, egress: egressOf(place) }));
  },
};

function egressOf({ origin }: Place) {
  return { allowPublic: false, allowPrivateOrigins: [origin] };
}

function openGantry(place: Place, take: () => Promise<ChromeSession>): OpenContender {
  const runOne = async ({ url, work }: PageJob) => {
    const session = await take();
    try {
      await session.page.goto(url);
      await work(session.page);
    } finally {
      await session[Symbol.asyncDispose]();
    }
    if (existsSync(session.directory)) throw new Error(`${session.directory} was left.`);
  };
  return {
    runOne,
    runAll: (count, job) => runInTurns({ places: place.concurrency, count }, () => runOne(job)),
    async [Symbol.asyncDispose]() {},
  };
}
