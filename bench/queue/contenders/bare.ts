import pg from 'pg';

import { CONCURRENCY, type Contender, type OpenQueue } from '../contender.ts';
import { execute } from '../execute.ts';

const BATCH = 100;
const CONNECTIONS = 4;
const CHANNEL = 'bare';

/** A ceiling: one small table, no limits, no fence, no history but a state. */
export const bare: Contender = {
  name: 'bare SQL',
  prepare: ({ app }) =>
    execute(app, [
      `create table public.bare_jobs (
         id bigint generated always as identity primary key, n integer not null, state smallint not null default 0)`,
      `create index on public.bare_jobs (id) where state = 0`,
    ]),
  async open({ app }): Promise<OpenQueue> {
    const pool = new pg.Pool({ connectionString: app, max: CONCURRENCY });
    const claim = async (limit: number) => {
      const { rows } = await pool.query<{ id: string; n: number }>({
        name: 'claim',
        text: `update public.bare_jobs set state = 1 where id = any (array(
                 select id from public.bare_jobs where state = 0 order by id limit $1 for update skip locked))
               returning id, n`,
        values: [limit],
      });
      return rows;
    };
    const finish = (ids: string[]) =>
      pool.query({
        name: 'finish',
        text: 'update public.bare_jobs set state = 2 where id = any ($1)',
        values: [ids],
      });
    return {
      submit: async (n) =>
        void (await pool.query({
          name: 'submit',
          text: 'insert into public.bare_jobs (n) values ($1)',
          values: [n],
        })),
      submitMany: async (ns) =>
        void (await pool.query({
          name: 'submit-many',
          text: 'insert into public.bare_jobs (n) select unnest($1::integer[])',
          values: [ns],
        })),
      async drain() {
        await Promise.all(
          Array.from({ length: CONNECTIONS }, async () => {
            for (;;) {
              const jobs = await claim(BATCH);
              if (jobs.length === 0) return;
              await finish(jobs.map(({ id }) => id));
            }
          }),
        );
      },
      async work(onStart) {
        const client = await pool.connect();
        const runAll = async () => {
          for (const job of await claim(CONCURRENCY)) {
            onStart(job.n);
            await finish([job.id]);
          }
        };
        client.on('notification', () => void runAll());
        await client.query(`listen ${CHANNEL}`);
        await execute(app, [
          `create or replace function public.tell_bare() returns trigger language plpgsql as
             $$ begin perform pg_notify('${CHANNEL}', ''); return null; end $$`,
          'create or replace trigger tell after insert on public.bare_jobs for each statement execute function public.tell_bare()',
        ]);
        return { [Symbol.asyncDispose]: async () => client.release(true) };
      },
      [Symbol.asyncDispose]: () => pool.end(),
    };
  },
  clear: ['truncate public.bare_jobs'],
  fill: (million) => [
    `insert into public.bare_jobs (n, state) select n, 3 from generate_series(1, ${million}) n`,
    `insert into public.bare_jobs (n, state) select n, 2 from generate_series(1, ${million}) n`,
  ],
};
