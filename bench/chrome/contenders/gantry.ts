import { existsSync } from 'node:fs';

import { type ChromeSession, launchBrowser } from '@gantry/chrome';

import type { Contender, OpenContender, PageJob, Place } from '../contender.ts';

/** A process for each job, launched when the job comes. */
export const gantryCold: Contender = {
  name: 'Gantry without spares',
  async open(place) {
    return openGantry(place, () => launchBrowser({ ...place, owner: OWNER, egress: egressOf(place) }));
  },
};

const OWNER = { workerId: 'bench', jobId: 'job', attempt: 1 };

function egressOf({ origin }: Place) {
  return { allowPublic: false, allowPrivateOrigins: [origin] };
}

async function openGantry(place: Place, take: () => Promise<ChromeSession>): Promise<OpenContender> {
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
    async runAll(count, job) {
      let started = 0;
      const loop = async () => {
        while (started++ < count) await runOne(job);
      };
      await Promise.all(Array.from({ length: place.concurrency }, loop));
    },
    async [Symbol.asyncDispose]() {},
  };
}
