import { setTimeout as pause } from 'node:timers/promises';

import { type Figures, percentiles } from '../report/statistics.ts';
import type { OpenContender, PageJob } from './contender.ts';

/** How much is done: jobs to each measurement. */
export type Size = { single: number; long: number; short: number };

export const FULL: Size = { single: 12, long: 6, short: 40 };
export const QUICK: Size = { single: 2, long: 2, short: 2 };

/** How long the work of a long job takes. */
const LONG_MS = 1_000;
const WARM_UP = 2;

/** What can be measured of an open contender; null where it cannot. */
export type Measure = {
  /** Jobs at a time. */
  concurrency: number;
  run(contender: OpenContender, url: string, size: Size): Promise<Figures | null>;
};

/** All of them, by their names in the report. */
export const MEASURES: Record<string, Measure> = {
  single: { concurrency: 1, run: runSingly },
  'long, 1 at a time': { concurrency: 1, run: runLong },
  'long, 2 at a time': { concurrency: 2, run: runLong },
  'short, 1 at a time': { concurrency: 1, run: runShort },
  'short, 2 at a time': { concurrency: 2, run: runShort },
};

/** Jobs that come one by one to a contender at rest: how soon the page is loaded, and how soon the place is free. */
async function runSingly(contender: OpenContender, url: string, { single }: Size): Promise<Figures | null> {
  if (!contender.runOne) return null;
  const loads: number[] = [];
  const releases: number[] = [];
  for (let n = 0; n < single + WARM_UP; n++) {
    await contender.rest?.();
    const begin = performance.now();
    let end = begin;
    await contender.runOne({
      url,
      async work() {
        loads.push(performance.now() - begin);
        // A job lasts longer than the making of the next spare, which must not slow its end.
        await contender.rest?.();
        end = performance.now();
      },
    });
    releases.push(performance.now() - end);
  }
  const loaded = percentiles(loads.slice(WARM_UP));
  const released = percentiles(releases.slice(WARM_UP));
  return {
    'loaded p50': loaded.p50,
    'loaded p95': loaded.p95,
    'released p50': released.p50,
    'released p95': released.p95,
  };
}

function runLong(contender: OpenContender, url: string, { long }: Size): Promise<Figures> {
  return perMinute(contender, long, { url, work: () => pause(LONG_MS) });
}

function runShort(contender: OpenContender, url: string, { short }: Size): Promise<Figures> {
  return perMinute(contender, short, { url, work: async (page) => void (await page.title()) });
}

/** Begins warm, with what is made ready ahead; ends when the last place is free. */
async function perMinute(contender: OpenContender, count: number, job: PageJob): Promise<Figures> {
  await contender.runAll(WARM_UP, job);
  await contender.rest?.();
  const begin = performance.now();
  await contender.runAll(count, job);
  return { perMinute: (count / (performance.now() - begin)) * 60_000 };
}
