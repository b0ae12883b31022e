import { createServicePool, createSubmitter, GantryError, submitJobs } from '@gantry/core';

import type { Contender } from '../contender.ts';
import { clear, fill, prepareGantry, SERVICE_ID, USER_ID } from './gantry-database.ts';
import { openBenchWorker } from './open-bench-worker.ts';

/** The largest that the product takes. Each submission is checked against it. */
const QUOTA = { maxUnfinishedJobs: 1_000_000 };
/** More than all slots: the limit of the queue is counted, and never reached. */
const LIMIT = 2_000;

/** The product's own path: submissions through the quota, and its worker without browsers. */
export function createGantry(name: string, o: { slots: number; measures: string[] }): Contender {
  const { slots, measures } = o;
  return {
    name,
    measures,
    prepare: (urls) => prepareGantry(urls, { limit: LIMIT }),
    async open({ app }) {
      const pool = createServicePool({ databaseUrl: app, applicationName: 'bench', max: 10 });
      const submitOne = createSubmitter(pool, QUOTA);
      const jobOf = (n: number) => ({ userId: USER_ID, serviceId: SERVICE_ID, input: { n } });
      return {
        submit: async (n) => void (await submitOne(jobOf(n))),
        async submitMany(ns) {
          const submitted = await submitJobs(pool, ns.map(jobOf), QUOTA);
          const refusal = submitted.find((one) => one instanceof GantryError);
          if (refusal) throw refusal;
        },
        async drain(count) {
          const all = Promise.withResolvers<void>();
          let started = 0;
          const onStart = () => {
            if (++started === count) all.resolve();
          };
          // Its end waits until what it runs is durably completed.
          await using _worker = await openBenchWorker(app, { slots, onStart });
          await all.promise;
        },
        work: (onStart) => openBenchWorker(app, { slots, onStart }),
        [Symbol.asyncDispose]: () => pool.end(),
      };
    },
    fill,
    clear,
  };
}
