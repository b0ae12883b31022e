import { randomInt, randomUUID } from 'node:crypto';

import { createTestDatabase, type TestDatabase } from '@gantry/embedded/testing';
import type pg from 'pg';

import {
  type ClaimedJob,
  claimJobs,
  createServicePool,
  type NewJob,
  publishService,
  registerWorker,
  type ServiceDescription,
  submitJob,
} from '../src/index.ts';

/** A database with a service, a pool that acts as the service role, and short cuts for the usual steps. */
export type Fixture = Awaited<ReturnType<typeof createFixture>>;

const SERVICE: ServiceDescription = {
  id: 'a-service',
  name: 'A service',
  description: 'For tests',
  category: 'Tests',
  queue: 'default',
  version: '1',
  inputSchema: { type: 'object' },
  acceptedFiles: null,
  timeoutMs: 60_000,
  maxAttempts: 3,
};

export async function createFixture() {
  const database: TestDatabase = await createTestDatabase();
  const db: pg.Pool = createServicePool({
    databaseUrl: database.databaseUrl,
    applicationName: 'test',
    max: 30,
  });
  await publishService(db, SERVICE);
  const user = await database.createUser();
  return {
    database,
    db,
    user,
    /** Publishes a service like the usual one. */
    publish: (o: Partial<ServiceDescription>) => publishService(db, { ...SERVICE, ...o }),
    /** Enters a worker and returns its id. No session stands behind it: only its lease and heartbeat count. */
    async addWorker(o: { services?: string[]; sessionKey?: number } = {}): Promise<string> {
      const id = randomUUID();
      await registerWorker(db, {
        id,
        host: 'test',
        pid: 1,
        version: '1',
        services: o.services ?? [SERVICE.id],
        concurrency: 1,
        sessionKey: o.sessionKey ?? randomInt(2 ** 31),
      });
      return id;
    },
    async submit(o: Partial<NewJob> = {}): Promise<string> {
      return (await submitJob(db, { userId: user.id, serviceId: SERVICE.id, input: {}, ...o })).jobId;
    },
    claim: (workerId: string, o: { limit?: number; leaseMs?: number } = {}): Promise<ClaimedJob[]> =>
      claimJobs(db, { workerId, limit: o.limit ?? 1, leaseMs: o.leaseMs ?? 60_000 }),
    setLimit: (limit: number | null, queue = 'default') =>
      db.query('update public.automation_queues set concurrency_limit = $1 where name = $2', [limit, queue]),
    async [Symbol.asyncDispose]() {
      await db.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
