import type { Automation } from '@gantry/automations';
import { createServicePool } from '@gantry/core';

import type { Config } from '../src/config.ts';
import { startWorker } from '../src/start-worker.ts';
import type { Queue } from './fixture.ts';

/** Starts a worker in this process whose only way to the database is the given one. */
export async function startBehindProxy(
  queue: Queue,
  { databaseUrl }: { databaseUrl: string },
  automation: Automation,
  config: Partial<Config>,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const pool = stack.adopt(createServicePool({ databaseUrl, applicationName: 'behind-proxy' }), (p) =>
    p.end(),
  );
  const worker = await startWorker({ ...queue.deps([automation], config), databaseUrl, pool });
  stack.defer(() => worker.stop('release'));
  return stack.move();
}
