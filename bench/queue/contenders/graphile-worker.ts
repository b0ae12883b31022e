import { Logger, makeWorkerUtils, run, type Task } from 'graphile-worker';
import pg from 'pg';
import { z } from 'zod';

import { CONCURRENCY, type Contender, type OpenQueue } from '../contender.ts';

const payloadSchema = z.object({ n: z.number() });
const TASK = 'noop';

// What its documentation names for throughput: a local queue of 500, and completions in batches.
export const LOCAL_QUEUE = {
  worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
};
const silent = new Logger(() => () => {});

export function createGraphileWorker(
  name: string,
  { measures, preset }: { measures: string[]; preset?: typeof LOCAL_QUEUE },
): Contender {
  return {
    name,
    measures,
    async prepare({ app }) {
      const utils = await makeWorkerUtils({ connectionString: app, logger: silent });
      await utils.migrate();
      await utils.release();
    },
    async open({ app }): Promise<OpenQueue> {
      const pgPool = new pg.Pool({ connectionString: app, max: CONCURRENCY + 2 });
      pgPool.on('error', () => {});
      pgPool.on('connect', (client) => client.on('error', () => {}));
      const utils = await makeWorkerUtils({ pgPool, logger: silent });
      const runTask = (task: Task) =>
        run({
          pgPool,
          logger: silent,
          noHandleSignals: true,
          concurrency: CONCURRENCY,
          taskList: { [TASK]: task },
          ...(preset && { preset }),
        });
      const remaining = async () => {
        const { rows } = await pgPool.query<{ n: number }>(
          'select count(*)::integer as n from graphile_worker._private_jobs where run_at <= now()',
        );
        return rows[0]?.n ?? 0;
      };
      return {
        submit: async (n) => void (await utils.addJob(TASK, { n })),
        submitMany: async (ns) =>
          void (await utils.addJobs(ns.map((n) => ({ identifier: TASK, payload: { n } })))),
        async drain(count) {
          let started = 0;
          const all = Promise.withResolvers<void>();
          const runner = await runTask(() => {
            if (++started === count) all.resolve();
          });
          await all.promise;
          // Jobs are deleted in batches after their handlers: only then are they durably done.
          while ((await remaining()) > 0);
          await runner.stop();
        },
        async work(onStart) {
          const runner = await runTask((payload) => onStart(payloadSchema.parse(payload).n));
          return { [Symbol.asyncDispose]: () => runner.stop() };
        },
        async [Symbol.asyncDispose]() {
          await utils.release();
          await pgPool.end();
        },
      };
    },
    clear: ['truncate graphile_worker._private_jobs'],
    // It keeps no finished jobs.
    fill: (million) => [
      `insert into graphile_worker._private_jobs (task_id, payload, run_at)
     select t.id, json_build_object('n', n), now() + interval '1 day'
     from graphile_worker._private_tasks t, generate_series(1, ${million}) n where t.identifier = '${TASK}'`,
    ],
  };
}
