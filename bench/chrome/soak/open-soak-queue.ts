import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';

import { createServicePool, GantryError, setQueue, submitJobs } from '@gantry/core';
import { openEmbedded } from '@gantry/embedded';

import { execute } from '../../queue/execute.ts';
import { FAULTS } from './faults.ts';
import { QUEUE, SERVICES } from './order.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const AT_ONCE = 500;

/** How a job ended: `completed`, or the code of its error. */
export type Ending = string;

/** The queue of the product, in a database of its own. */
export type SoakQueue = AsyncDisposable & {
  databaseUrl: string;
  /** Lets as many jobs run as the worker takes. After the worker has published its services. */
  open(): Promise<void>;
  /** Submits jobs; each element names what a job does to its browser, null for nothing. @returns their ids */
  submit(faults: (string | null)[]): Promise<string[]>;
  /** How many have not ended. */
  countUnfinished(): Promise<number>;
  /** How each job ended. */
  readEndings(): Promise<Map<string, Ending>>;
};

/** Starts the database in a directory, with one user. */
export async function openSoakQueue(dataDir: string): Promise<SoakQueue> {
  await using stack = new AsyncDisposableStack();
  const embedded = stack.use(
    await openEmbedded({ dataDir, host: '127.0.0.1', migrationsDir: join(ROOT, 'supabase/migrations') }),
  );
  const { databaseUrl } = embedded;
  const pool = stack.adopt(createServicePool({ databaseUrl, applicationName: 'soak' }), (it) => it.end());
  const userId = randomUUID();
  await execute(embedded.authDatabaseUrl, [
    `insert into auth.users (id, email, encrypted_password) values ('${userId}', 'soak@example.com', 'x')`,
  ]);
  const jobOf = (fault: string | null) => ({
    userId,
    serviceId: fault !== null && FAULTS[fault]?.isEndedByDeadline ? SERVICES.short : SERVICES.plain,
    input: { fault },
  });
  const resources = stack.move();
  return {
    databaseUrl,
    open: () => setQueue(pool, { name: QUEUE, concurrencyLimit: null }),
    async submit(faults) {
      const ids: string[] = [];
      for (let first = 0; first < faults.length; first += AT_ONCE) {
        for (const submitted of await submitJobs(pool, faults.slice(first, first + AT_ONCE).map(jobOf))) {
          if (submitted instanceof GantryError) throw submitted;
          ids.push(submitted.jobId);
        }
      }
      return ids;
    },
    async countUnfinished() {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::integer as n from public.automation_jobs where status in ('pending', 'processing')`,
      );
      return rows[0]?.n ?? 0;
    },
    async readEndings() {
      const { rows } = await pool.query<{ id: string; ending: string }>(
        'select id, coalesce(error_code, status) as ending from public.automation_jobs',
      );
      return new Map(rows.map(({ id, ending }) => [id, ending]));
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
