import { PgBoss } from 'pg-boss';

import { CONCURRENCY, type Contender, type OpenQueue } from '../contender.ts';

const QUEUE = 'noop';
const BATCH = 100;
const FETCHERS = 4;

function createBoss(connectionString: string): PgBoss {
  const boss = new PgBoss({
    connectionString,
    max: CONCURRENCY,
    useListenNotify: true,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => {});
  return boss;
}

export const pgBoss: Contender = {
  name: 'pg-boss',
  async prepare({ app }) {
    const boss = createBoss(app);
    await boss.start();
    await boss.createQueue(QUEUE, { notify: true });
    await boss.stop({ graceful: false });
  },
  async open({ app }): Promise<OpenQueue> {
    const boss = createBoss(app);
    await boss.start();
    return {
      submit: async (n) => void (await boss.send(QUEUE, { n })),
      submitMany: async (ns) =>
        void (await boss.insert(
          QUEUE,
          ns.map((n) => ({ data: { n } })),
        )),
      // Its workers wait between fetches; fetching by hand in batches, side by side, is as fast as it gets.
      async drain(count) {
        let done = 0;
        const fetchAll = async () => {
          while (done < count) {
            const jobs = await boss.fetch(QUEUE, { batchSize: BATCH });
            if (jobs.length === 0) return;
            await boss.complete(
              QUEUE,
              jobs.map(({ id }) => id),
            );
            done += jobs.length;
          }
        };
        await Promise.all(Array.from({ length: FETCHERS }, fetchAll));
        if (done < count) throw new Error(`Only ${done} of ${count} jobs were done.`);
      },
      async work(onStart) {
        const id = await boss.work<{ n: number }>(
          QUEUE,
          { batchSize: 1, localConcurrency: CONCURRENCY, pollingIntervalSeconds: 0.5 },
          async ([job]) => {
            if (job) onStart(job.data.n);
          },
        );
        return { [Symbol.asyncDispose]: () => boss.offWork(QUEUE, { id }) };
      },
      [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
    };
  },
  clear: ['delete from pgboss.job', 'vacuum analyze pgboss.job'],
  fill: (million) => [
    `insert into pgboss.job (name, data, start_after) select '${QUEUE}', jsonb_build_object('n', n), now() + interval '1 day'
     from generate_series(1, ${million}) n`,
    `insert into pgboss.job (name, data, state, completed_on) select '${QUEUE}', jsonb_build_object('n', n), 'completed', now()
     from generate_series(1, ${million}) n`,
  ],
};
