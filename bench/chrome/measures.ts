import { setTimeout as pause } from 'node:timers/promises';

import { type Figures, percentiles } from '../report/statistics.ts';
import type { OpenContender, PageJob } from './contender.ts';

/** How much is done: jobs to each measurement and before it, and how long the work of a long one takes. */
export type Size = { single: number; long: number; short: number; warmUp: number; longMs: number };

export const FULL: Size = { single: 12, long: 6, short: 40, warmUp: 2, longMs: 1_000 };
export const QUICK: Size = { single: 1, long: 2, short: 2, warmUp: 0, longMs: 100 };

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
async function runSingly(
  contender: OpenContender,
  url: string,
  { single, warmUp }: Size,
): Promise<Figures | null> {
  if (!contender.runOne) return null;
  const loads: number[] = [];
  const releases: number[] = [];
  for (let n = 0; n < single + warmUp; n++) {
    await contender.rest?.();
    const begin = performance.now();
    let end = begin;
    await contender.runOne({
      url,
      async work() {
        loads.push(performance.now() - begin);
        // A job lasts longer than the making of the next warm browser, which must not slow its end.
        await contender.rest?.();
        end = performance.now();
      },
    });
    releases.push(performance.now() - end);
  }
  const loaded = percentiles(loads.slice(warmUp));
  const released = percentiles(releases.slice(warmUp));
  return {
    'loaded p50': loaded.p50,
    'loaded p95': loaded.p95,
    'released p50': released.p50,
    'released p95': released.p95,
  };
}

function runLong(contender: OpenContender, url: string, { long, longMs, warmUp }: Size): Promise<Figures> {
  return perMinute(contender, { count: long, warmUp }, { url, work: () => pause(longMs) });
}

function runShort(contender: OpenContender, url: string, { short, warmUp }: Size): Promise<Figures> {
  const work: PageJob['work'] = async (page) => void (await page.title());
  return perMinute(contender, { count: short, warmUp }, { url, work });
}

/** Begins warm, with what is made ready ahead; ends when the last place is free. */
async function perMinute(
  contender: OpenContender,
  { count, warmUp }: { count: number; warmUp: number },
  job: PageJob,
): Promise<Figures> {
  if (warmUp > 0) await contender.runAll(warmUp, job);
  await contender.rest?.();
  const begin = performance.now();
  await contender.runAll(count, job);
  return { perMinute: (count / (performance.now() - begin)) * 60_000 };
}
