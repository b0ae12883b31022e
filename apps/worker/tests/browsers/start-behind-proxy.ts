import type { Automation } from '@gantry/automations';
import { createServicePool } from '@gantry/core';

import type { Config } from '../../src/config.ts';
import { startWorker } from '../../src/start-worker.ts';
import type { DatabaseProxy } from '../faults/database-proxy.ts';
import type { Queue } from '../fixture.ts';

/**
 * Starts a worker in this process whose only way to the database is the given one. The way is healed before the worker
 * is stopped: a test that fails while it is broken says why at once, and does not wait for what cannot be told.
 */
export async function startBehindProxy(
  queue: Queue,
  proxy: DatabaseProxy,
  automation: Automation,
  config: Partial<Config>,
): Promise<AsyncDisposable> {
  const { databaseUrl } = proxy;
  await using stack = new AsyncDisposableStack();
  const pool = stack.adopt(createServicePool({ databaseUrl, applicationName: 'behind-proxy' }), (p) =>
    p.end(),
  );
  const worker = await startWorker({ ...queue.deps([automation], config), databaseUrl, pool });
  stack.defer(() => worker.stop('release'));
  stack.defer(() => proxy.heal());
  return stack.move();
}
