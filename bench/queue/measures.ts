import { setTimeout as pause } from 'node:timers/promises';

import { type Figures, percentiles } from '../report/statistics.ts';
import { CONCURRENCY, type OpenQueue } from './contender.ts';
import type { CostMeter } from './server-costs.ts';

/** How much is done. */
export type Size = { submit: number; bulk: number; drain: number; pickUp: number; estimate: number };

export const FULL: Size = { submit: 5_000, bulk: 40_000, drain: 20_000, pickUp: 300, estimate: 2_000 };
export const QUICK: Size = { submit: 100, bulk: 2_000, drain: 200, pickUp: 10, estimate: 20 };

const BULK = 1_000;

type Measure = (queue: OpenQueue, size: Size, meter: CostMeter) => Promise<Figures>;

/** What can be measured of an open queue. */
export const MEASURES: Record<string, Measure> = {
  async submit(queue, size, meter) {
    return throughput(size.submit, meter, async () => {
      let n = 0;
      const caller = async () => {
        while (n < size.submit) await queue.submit(n++);
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, caller));
    });
  },
  async bulk(queue, size, meter) {
    return throughput(size.bulk, meter, () => submitInBulk(queue, size.bulk));
  },
  async drain(queue, size, meter) {
    await submitInBulk(queue, size.drain);
    return throughput(size.drain, meter, () => queue.drain(size.drain));
  },
  async 'pick-up'(queue, size) {
    const waits: number[] = [];
    let started = Promise.withResolvers<void>();
    let submittedAt = 0;
    await using _worker = await queue.work(() => {
      waits.push(performance.now() - submittedAt);
      started.resolve();
    });
    for (let n = 0; n < size.pickUp + WARM_UP; n++) {
      started = Promise.withResolvers();
      submittedAt = performance.now();
      await queue.submit(n);
      await started.promise;
      // The queue is idle again, and no beat of the measurement falls in with one of a poll.
      await pause(15 + Math.random() * 20);
    }
    return percentiles(waits.slice(WARM_UP));
  },
  async estimate(queue, size) {
    const times = (await queue.estimate?.(size.estimate + WARM_UP)) ?? [];
    return percentiles(times.slice(WARM_UP));
  },
};

const WARM_UP = 5;

async function submitInBulk(queue: OpenQueue, count: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const first = next;
      next += Math.min(BULK, count - first);
      await queue.submitMany(Array.from({ length: next - first }, (_, index) => first + index));
    }
  };
  await Promise.all([caller(), caller()]);
}

/** Jobs a second, and what the server spends on each: WAL in bytes, processor time in µs. */
async function throughput(count: number, meter: CostMeter, run: () => Promise<void>): Promise<Figures> {
  const before = await meter.read();
  const begin = performance.now();
  await run();
  const ms = performance.now() - begin;
  const after = await meter.read();
  return {
    perSecond: (count / ms) * 1000,
    walBytes: (after.walBytes - before.walBytes) / count,
    cpuUs: ((after.cpuMs - before.cpuMs) / count) * 1000,
  };
}
